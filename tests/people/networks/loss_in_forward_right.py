# Right.
import numpy as np


class TwoLayerNet:
    def __init__(self, input_dim=5, hidden_dim=6, num_classes=3, weight_scale=0.5):
        self.W1 = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.b1 = np.zeros(hidden_dim)
        self.W2 = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.b2 = np.zeros(num_classes)

    def forward(self, X, y=None):
        self.X = X
        self.h = np.maximum(0, X @ self.W1 + self.b1)
        scores = self.h @ self.W2 + self.b2
        if y is None:
            return scores
        scores = scores - scores.max(1, keepdims=True)
        self.p = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
        self.y = y
        return -np.mean(np.log(self.p[range(len(y)), y]))

    def backward(self):
        N = len(self.y)
        d = self.p.copy()
        d[range(N), self.y] -= 1
        d /= N
        grads = {"W2": self.h.T @ d, "b2": d.sum(0)}
        dh = d @ self.W2.T
        dh[self.h <= 0] = 0
        grads["W1"], grads["b1"] = self.X.T @ dh, dh.sum(0)
        return grads
