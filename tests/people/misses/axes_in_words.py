# Said of ScaleShift: dg has shape (4, 5), but g has shape (5,) with one axis more
# Said of rmsnorm_backward: dg has shape (4, 5), but g has shape (5,) with one axis more
"""Words say how many axes there may be: `(..., dim)`, `[*, d]`."""

import numpy as np


class ScaleShift:
    def __init__(self, dim):
        self.g, self.b = np.ones(dim), np.zeros(dim)

    def forward(self, x):  # (..., dim)
        self.x = x
        return self.g * x + self.b

    def backward(self, dy):
        self.dg = (dy * self.x).sum(0)
        self.db = dy.sum(0)
        return dy * self.g


class RightScaleShift:
    def __init__(self, dim):
        self.g, self.b = np.ones(dim), np.zeros(dim)

    def forward(self, x):  # (..., dim)
        self.x = x
        return self.g * x + self.b

    def backward(self, dy):
        lead = tuple(range(dy.ndim - 1))
        self.dg = (dy * self.x).sum(lead)
        self.db = dy.sum(lead)
        return dy * self.g


def rmsnorm_forward(x, g, eps=1e-6):
    # x [*, d]
    r = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + eps)
    return x * r * g, (x, g, r)


def rmsnorm_backward(dy, cache):
    x, g, r = cache
    xh = x * r
    dg = np.sum(dy * xh, axis=0)
    d = dy * g
    return r * (d - xh * (d * xh).mean(axis=-1, keepdims=True)), dg


def bias_forward(x, b):
    """x: (N, ..., D), b: (D,)"""
    return x + b


def bias_backward(dout, x, b):
    return dout, dout.sum(axis=tuple(range(dout.ndim - 1)))
