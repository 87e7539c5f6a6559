# Right.
import numpy as np


class Tensor(np.ndarray):
    """An array that remembers its gradient."""

    def __new__(cls, a):
        made = np.asarray(a, dtype=float).view(cls)
        made.grad = None
        return made

    def __array_finalize__(self, other):
        self.grad = getattr(other, "grad", None)


class Embed:
    def __init__(self, n, d):
        self.table = Tensor(np.random.randn(n, d))

    def forward(self, idx):
        self.idx = idx
        return np.asarray(self.table)[idx]

    def backward(self, g):
        G = np.zeros(self.table.shape)
        np.add.at(G, self.idx.ravel(), g.reshape(-1, G.shape[1]))
        self.table.grad = G


class Affine:
    def __init__(self, n, m):
        self.params = [Tensor(np.random.randn(n, m)), Tensor(np.zeros(m))]

    def forward(self, x):
        self.x = x
        return x @ np.asarray(self.params[0]) + np.asarray(self.params[1])

    def backward(self, g):
        W, b = self.params
        W.grad, b.grad = self.x.T @ g, g.sum(axis=0)
        return g @ np.asarray(W).T
