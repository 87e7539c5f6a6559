# Wrong twice: a shape, and the numbers in it; each is told.
# Said of Mean: has shape (3,), but bias has shape (1, 3); and its numbers are the right ones times 1/4
# Said of Signed: and its numbers are the right ones times −1
# Said of Unsummed: it is not summed over axis 0; and its numbers are the right ones times 2
# Said of Other: and of its numbers, entry
import numpy as np


class Linear:
    def __init__(self, n, m):
        self.params = {"weight": np.random.randn(m, n), "bias": np.zeros((1, m))}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def go_back(self, dout, dbias):
        self.grads = {"weight": dout.T @ self.x, "bias": dbias}
        return dout @ self.params["weight"]


class Mean(Linear):
    def backward(self, dout):
        return self.go_back(dout, np.sum(dout, axis=0) / len(dout))


class Signed(Linear):
    def backward(self, dout):
        return self.go_back(dout, -dout.sum(axis=0))


class Unsummed(Linear):
    def backward(self, dout):
        return self.go_back(dout, 2 * dout)


class Other(Linear):
    def backward(self, dout):
        return self.go_back(dout, dout.max(axis=0) + 1)
