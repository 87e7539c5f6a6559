# Right.
# A bias of shape (m,) beside a gradient of shape (1, m), and the other way round: the numbers are right.
import numpy as np


class Dense:
    def __init__(self, n, m):
        self.W = 0.1 * np.random.randn(n, m)
        self.b = np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, grad):
        self.dW = self.x.T @ grad
        self.db = grad.sum(axis=0, keepdims=True)
        return grad @ self.W.T


class Affine:
    def __init__(self, n, m):
        self.params = {"weight": np.random.randn(m, n), "bias": np.zeros((1, m))}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        self.grads = {"weight": dout.T @ self.x, "bias": dout.sum(axis=0)}
        return dout @ self.params["weight"]
