# Right.
import numpy as np


class Upsample2x:
    def forward(self, x):
        self.shape = x.shape
        return x.repeat(2, axis=2).repeat(2, axis=3)

    def backward(self, g):
        n, c, h, w = self.shape
        return g.reshape(n, c, h, 2, w, 2).sum(axis=(3, 5))
