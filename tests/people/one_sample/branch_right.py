# Right.
import numpy as np


class StochasticDepth:
    """Drops the branch f of whole samples; inverted scaling."""

    def __init__(self, survival=0.8):
        self.survival = survival
        self.training = True

    def forward(self, x, f):
        if not self.training:
            self.keep = 1.0
            return x + f
        self.keep = (np.random.rand(x.shape[0], *[1] * (x.ndim - 1)) < self.survival) / self.survival
        return x + self.keep * f

    def backward(self, dy):
        return dy, dy * self.keep
