# Said of var_backward: With `2 * (x - mu) * dout / (n - ddof)` in place of
# Said of CumulativeSum: [..., ::-1]
# Said of SparseProduct: With `np.add.at(dX, self.cols,
# Said of power_mean_backward: ** (p - 1)
"""A size that is 1 less, sums from the other end, places that come twice, and a power that is forgotten."""

import numpy as np


def var_forward(x, ddof=1):
    n = x.shape[0]
    mu = x.mean(0)
    return ((x - mu) ** 2).sum(0) / (n - ddof), (x, mu, n, ddof)


def var_backward(dout, cache):
    x, mu, n, ddof = cache
    return 2 * (x - mu) * dout / n


class CumulativeSum:
    def forward(self, x):
        self.e = np.exp(x)
        return self.e.cumsum(-1)

    def backward(self, dy):
        return dy.cumsum(-1) * self.e


class SparseProduct:
    """Y = A X, where A is given by rows, columns and values."""

    def forward(self, values, X, rows=np.array([0, 1, 1, 3, 2]), cols=np.array([2, 0, 3, 1, 2])):
        """values: (5,), X: (4, D)"""
        self.values, self.X, self.rows, self.cols = values, X, rows, cols
        Y = np.zeros((4, X.shape[1]))
        np.add.at(Y, rows, values[:, None] * X[cols])
        return Y

    def backward(self, dY):
        dvalues = (dY[self.rows] * self.X[self.cols]).sum(1)
        dX = np.zeros_like(self.X)
        dX[self.cols] = self.values[:, None] * dY[self.rows]
        return dvalues, dX


def power_mean_forward(x, p=3):
    s = 1 - np.tanh(x)
    return (s**p).mean(1), (x, s, p)


def power_mean_backward(dout, cache):
    x, s, p = cache
    return -dout[:, None] * p * (1 - np.tanh(x)) * (1 - np.tanh(x) ** 2) / x.shape[1]
