# Right.
import numpy as np


class LowRank:
    """y = x U V + b with U (d, r), V (r, k)."""

    def __init__(self, U, V, b):
        # U: (d, r), V: (r, k), b: (k,)
        self.U, self.V, self.b = U, V, b

    def forward(self, x):
        self.x = x
        self.h = x @ self.U
        return self.h @ self.V + self.b

    def backward(self, g):
        self.dV = self.h.T @ g
        self.dU = self.x.T @ (g @ self.V.T)
        self.db = g.sum(0)
        return g @ self.V.T @ self.U.T
