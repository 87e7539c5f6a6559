# Said of Residual: In dx, what goes back into the first operand of
# Said of MaxPool: goes to all entries, in equal shares
"""What is left out of a sum, and a maximum that is taken for a mean."""

import numpy as np


class Residual:
    def __init__(self, dim):
        self.W = np.random.default_rng(0).normal(size=(dim, dim))

    def forward(self, x):
        self.h = np.tanh(x @ self.W)
        self.x = x
        return np.tanh(x + self.h)

    def backward(self, dy):
        d = dy * (1 - np.tanh(self.x + self.h) ** 2)
        da = d * (1 - self.h**2)
        self.dW = self.x.T @ da
        return da @ self.W.T


class MaxPool:
    """The largest of each pair; backward sends half to both."""

    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1, 2).max(2)

    def backward(self, dy):
        return (dy[:, :, None] * np.ones(2) / 2).reshape(self.shape)
