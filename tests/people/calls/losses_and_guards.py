# right: CrossEntropy SoftmaxWithLoss BatchNorm Squared Binary
# wrong: BadCrossEntropy BadSoftmaxWithLoss
import numpy as np


class CrossEntropy:
    def forward(self, x, y):
        x = np.maximum(x, 1e-9)
        return -np.mean(np.sum(y * np.log(x), axis=1))

    def backward(self, x, y):
        x = np.maximum(x, 1e-9)
        return -y / x / len(x)


class BadCrossEntropy(CrossEntropy):
    def backward(self, x, y):
        return -y / np.maximum(x, 1e-9)


class SoftmaxWithLoss:
    def forward(self, x, t):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), t
        return -np.sum(t * np.log(self.y + 1e-7)) / len(x)

    def backward(self, dout=1):
        return (self.y - self.t) / len(self.t)


class BadSoftmaxWithLoss(SoftmaxWithLoss):
    def backward(self, dout=1):
        return self.y - self.t


class BatchNorm:
    def __init__(self, n):
        self.gamma, self.beta = np.ones(n), np.zeros(n)

    def forward(self, x):
        self.s = np.sqrt(x.var(0) + 1e-3)
        self.xh = (x - x.mean(0)) / self.s
        return self.gamma * self.xh + self.beta

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.xh).sum(0), dy.sum(0)
        d = dy * self.gamma
        return (d - d.mean(0) - self.xh * (d * self.xh).mean(0)) / self.s


class Squared:
    def forward(self, y_pred, y_true):
        return np.mean((y_pred - y_true) ** 2)

    def backward(self, y_pred, y_true):
        return 2 * (y_pred - y_true) / y_pred.size


class Binary:
    def forward(self, y_pred, y_true):
        p = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return -np.mean(y_true * np.log(p) + (1 - y_true) * np.log(1 - p))

    def backward(self, y_pred, y_true):
        p = np.clip(y_pred, 1e-7, 1 - 1e-7)
        return ((1 - y_true) / (1 - p) - y_true / p) / y_pred.size
