# Right.
import numpy as np


class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros(n_out)
        self.m, self.v, self.t = np.zeros_like(self.W), np.zeros_like(self.W), 0

    def forward(self, X):
        self.X = X
        return X @ self.W + self.b

    def backward(self, grad, lr=1e-3):
        dW = self.X.T @ grad
        dX = grad @ self.W.T
        self.t += 1
        self.m = 0.9 * self.m + 0.1 * dW
        self.v = 0.999 * self.v + 0.001 * dW**2
        self.W -= lr * (self.m / (1 - 0.9**self.t)) / (np.sqrt(self.v / (1 - 0.999**self.t)) + 1e-8)
        self.b -= lr * grad.sum(0)
        return dX
