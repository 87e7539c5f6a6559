# Wrong: at places that come more than once, the last contribution alone is left.
# Said of Embedding: holds the last contribution alone
# Said of embed_backward: holds the last contribution alone
# Said of Window: holds the last contribution alone
import numpy as np


class Embedding:
    def __init__(self, n, m):
        self.W = np.random.randn(n, m)

    def forward(self, idx):
        self.idx = idx
        return self.W[idx]

    def backward(self, d):
        self.dW = np.zeros_like(self.W)
        self.dW[self.idx] = d


def embed_forward(x, W):
    return W[x], (x, W)


def embed_backward(dout, cache):
    x, W = cache
    dW = np.zeros_like(W)
    dW[x] += dout
    return dW


class Window:
    def forward(self, x):
        self.x = x
        return np.stack([x[:, i : i + 2].sum(axis=1) for i in range(x.shape[1] - 1)], axis=1)

    def backward(self, d):
        dx = np.zeros_like(self.x)
        for i in range(d.shape[1]):
            dx[:, i : i + 2] = d[:, i : i + 1]
        return dx
