# Wrong: Noisy: the flag is kept, and backward does not look at it.
import numpy as np


class Noisy:
    def __init__(self, slope=0.1):
        self.slope = slope

    def forward(self, x, train=True):
        self.is_training, self.x = train, x
        return np.where(x > 0, x, self.slope * x) if train else np.tanh(x)

    def backward(self, dy):
        return dy * np.where(self.x > 0, 1, self.slope)
