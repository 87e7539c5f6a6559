# Right.
import numpy as np


class GCNConv:
    def __init__(self, in_features, out_features):
        self.W = np.random.randn(in_features, out_features)
        self.b = np.zeros(out_features)

    def forward(self, A, X):
        self.A, self.X = A, X
        self.AX = A @ X
        return self.AX @ self.W + self.b

    def backward(self, dout):
        self.dW = self.AX.T @ dout
        self.db = dout.sum(0)
        return self.A.T @ (dout @ self.W.T)


class SumPool:
    def forward(self, x):
        self.n = x.shape[0]
        return x.sum(axis=0)

    def backward(self, dout):
        return np.tile(dout, (self.n, 1))
