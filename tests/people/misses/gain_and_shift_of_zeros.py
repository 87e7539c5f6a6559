# Said of Affine: backward returns no gradient of s
import numpy as np


class Affine:
    def __init__(self, features):
        self.gain = np.zeros(features)
        self.s = np.zeros(features)  # constant start

    def forward(self, x):
        self.x = x
        return x * self.gain + self.s

    def backward(self, dy):
        self.dgain = (dy * self.x).sum(axis=0)
        return dy * self.gain
