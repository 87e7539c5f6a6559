# The input's gradient is right with any number of axes; those of gain and shift are summed over the first alone.
# Said of LayerNorm: dg has shape (4, 5), but g has shape (5,)
import numpy as np


class LayerNorm:
    def __init__(self, dim, eps=1e-5, affine=True, center=True):
        self.eps, self.affine, self.center = eps, affine, center
        if affine:
            self.g, self.b = np.ones(dim), np.zeros(dim)

    def forward(self, x):
        m = x.mean(-1, keepdims=True) if self.center else 0.0
        xc = x - m
        self.r = 1 / np.sqrt((xc**2).mean(-1, keepdims=True) + self.eps)
        self.xh = xc * self.r
        return self.g * self.xh + self.b if self.affine else self.xh

    def backward(self, dy):
        lead = tuple(range(dy.ndim - 1))
        if self.affine:
            self.dg, self.db = (dy * self.xh).sum(0), dy.sum(0)
            dy = dy * self.g
        d = dy - self.xh * (dy * self.xh).mean(-1, keepdims=True)
        if self.center:
            d = d - dy.mean(-1, keepdims=True)
        return d * self.r
