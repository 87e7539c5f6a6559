"""Corrected: dX[m,n] = Y[m,n] (G[m,n] − Σ_j G[m,j] Y[m,j]), within each sample."""

import numpy as np


class SoftMaxModule:
    """Softmax over each row."""

    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dout):
        return self.y * (dout - (dout * self.y).sum(axis=1, keepdims=True))
