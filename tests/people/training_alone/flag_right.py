# Right.
import numpy as np


class BatchNorm1d:
    def __init__(self, num_features, alpha=0.9):
        self.alpha, self.eps = alpha, 1e-8
        self.BW, self.Bb = np.ones((1, num_features)), np.zeros((1, num_features))
        self.running_M, self.running_V = np.zeros((1, num_features)), np.ones((1, num_features))

    def forward(self, Z, eval=False):
        if eval:
            return self.BW * (Z - self.running_M) / np.sqrt(self.running_V + self.eps) + self.Bb
        self.Z, self.N = Z, Z.shape[0]
        self.M, self.V = Z.mean(axis=0, keepdims=True), Z.var(axis=0, keepdims=True)
        self.NZ = (Z - self.M) / np.sqrt(self.V + self.eps)
        self.running_M = self.alpha * self.running_M + (1 - self.alpha) * self.M
        self.running_V = self.alpha * self.running_V + (1 - self.alpha) * self.V
        return self.BW * self.NZ + self.Bb

    def backward(self, dLdBZ):
        self.dLdBW = np.sum(dLdBZ * self.NZ, axis=0, keepdims=True)
        self.dLdBb = np.sum(dLdBZ, axis=0, keepdims=True)
        g = dLdBZ * self.BW
        g = g - g.mean(axis=0) - self.NZ * (g * self.NZ).mean(axis=0)
        return g / np.sqrt(self.V + self.eps)


class InstanceNorm:
    def __init__(self, channels):
        self.running = np.zeros((1, channels))

    def forward(self, x, testing=False):
        mu = self.running
        if not testing:
            mu = x.mean(axis=0, keepdims=True)
            self.running = 0.9 * self.running + 0.1 * mu
        self.centred = x - mu
        return np.tanh(self.centred)

    def backward(self, dy):
        g = dy * (1 - np.tanh(self.centred) ** 2)
        return g - g.mean(axis=0, keepdims=True)


class Dropout:
    def __init__(self, p=0.5):
        self.p = p

    def forward(self, x, train=True):
        self.mask = (np.random.rand(*x.shape) > self.p) / (1 - self.p)
        return x * self.mask if train else x

    def backward(self, dy):
        return dy * self.mask
