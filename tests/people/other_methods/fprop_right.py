# Right.
import numpy as np


class LeakyReLU:
    def __init__(self, slope=0.1):
        self.slope = slope

    def fprop(self, z):
        self.z = z
        return np.where(z > 0, z, self.slope * z)

    def bprop(self, grad):
        return np.where(self.z > 0, grad, self.slope * grad)
