# Right.
import numpy as np


class LinearRegression:
    def __init__(self, n_features):
        self.w = np.random.randn(n_features)
        self.b = 0.0
        self.b = np.zeros(1)

    def forward(self, X):
        self.X = X
        self.y_hat = X @ self.w + self.b
        return self.y_hat

    def compute_loss(self, y):
        self.y = y
        return np.mean((self.y_hat - y) ** 2)

    def backward(self):
        n = len(self.y)
        d = 2 * (self.y_hat - self.y) / n
        self.grad_w = self.X.T @ d
        self.grad_b = np.array([d.sum()])
