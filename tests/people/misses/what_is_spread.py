# Of what was spread, the backward takes the mean where it is to add up.
# Said of Pow: dx is wrong where forward spreads a column of x
import numpy as np


class Pow:
    """x ** p, both arrays; x > 0."""

    def forward(self, x, p):
        self.saved = x, p
        return x**p

    def backward(self, dy):
        x, p = self.saved
        dx = dy * p * x ** (p - 1)
        dp = dy * x**p * np.log(x)
        return unbroadcast(dx, x.shape), unbroadcast(dp, p.shape)


def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.mean(axis=axis, keepdims=True)
    return g
