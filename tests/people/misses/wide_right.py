# Right: sizes of their own, zeros, and rows of one sign are no fault.
import numpy as np


class Norm:
    """A row's length: at a row of zeros it has a kink, where backward gives NaN. That is told, and no fault."""

    def forward(self, x):
        self.x, self.n = x, np.sqrt((x**2).sum(axis=1, keepdims=True))
        return self.n[:, 0]

    def backward(self, dy):
        return dy[:, None] * self.x / self.n


class Normalize:
    """With a small number beside the norm, that backward takes away again: NaN at rows of zeros is told."""

    def forward(self, x):
        self.x, self.n = x, np.linalg.norm(x, axis=-1, keepdims=True) + 1e-8
        return x / self.n

    def backward(self, dy):
        length = self.n - 1e-8
        return dy / self.n - self.x * (dy * self.x).sum(axis=-1, keepdims=True) / (length * self.n**2)


class Log:
    def forward(self, x):
        self.x = x
        return np.log(x)

    def backward(self, dy):
        return dy / self.x


class Sqrt:
    def forward(self, x):
        self.y = np.sqrt(x)
        return self.y

    def backward(self, dy):
        return 0.5 * dy / self.y


class LayerNorm:
    def __init__(self, dim):
        self.dim = dim
        self.g = np.ones(dim)

    def forward(self, x):
        c = x - x.mean(axis=-1, keepdims=True)
        self.s = np.sqrt((c**2).mean(axis=-1, keepdims=True) + 1e-5)
        self.h = c / self.s
        return self.g * self.h

    def backward(self, dy):
        d = self.dim
        self.dg = (dy * self.h).reshape(-1, d).sum(axis=0)
        dh = dy * self.g
        along = self.h * (dh * self.h).sum(axis=-1, keepdims=True)
        return (dh - dh.sum(axis=-1, keepdims=True) / d - along / d) / self.s


class Buffer:
    """Its place for the gradient has the sizes that it was made with."""

    def __init__(self, features, outputs):
        self.W = np.random.randn(features, outputs)
        self.dW = np.zeros((features, outputs))

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dy):
        self.dW[...] = self.x.T @ dy
        return dy @ self.W.T


class Positions:
    """A table of twelve places: longer sequences are refused by the forward."""

    def __init__(self, features):
        self.table = np.random.randn(12, features)

    def forward(self, x):
        self.x = x
        return x + self.table[: x.shape[1]]

    def backward(self, dy):
        self.dtable = np.zeros_like(self.table)
        self.dtable[: dy.shape[1]] = dy.sum(axis=0)
        return dy


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.y = e / e.sum(axis=-1, keepdims=True)
        return self.y

    def backward(self, dy):
        return self.y * (dy - (dy * self.y).sum(axis=-1, keepdims=True))


def cross_entropy_forward(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    n = len(logits)
    return -np.log(p[np.arange(n), labels]).mean(), (p, labels)


def cross_entropy_backward(dloss, cache):
    p, labels = cache
    d = p.copy()
    d[np.arange(len(d)), labels] -= 1
    return dloss * d / len(d)
