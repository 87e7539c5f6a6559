# Wrong: Dense: dW is doubled.
import numpy as np


class Dense:
    def __init__(self, n_in, n_out, lr=0.05, momentum=0.9):
        self.W = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros(n_out)
        self.vW = np.zeros_like(self.W)
        self.vb = np.zeros_like(self.b)
        self.lr, self.momentum = lr, momentum

    def forward(self, X):
        self.X = X
        return X.dot(self.W) + self.b

    def backward(self, grad):
        dX = grad.dot(self.W.T)
        dW = 2 * self.X.T.dot(grad)
        db = grad.sum(axis=0)
        self.vW = self.momentum * self.vW - self.lr * dW
        self.vb = self.momentum * self.vb - self.lr * db
        self.W += self.vW
        self.b += self.vb
        return dX
