# Right.
# The first layer updates its kernels and hands nothing on; the last takes the gradient of a single class.
import numpy as np


class Kernels:
    def __init__(self, count):
        self.count = count
        self.kernels = np.random.randn(count, 3, 3) / 9

    def patches(self, picture):
        h, w = picture.shape
        for i in range(h - 2):
            for j in range(w - 2):
                yield picture[i : i + 3, j : j + 3], i, j

    def forward(self, picture):
        self.picture = picture
        h, w = picture.shape
        out = np.zeros((h - 2, w - 2, self.count))
        for patch, i, j in self.patches(picture):
            out[i, j] = np.sum(patch * self.kernels, axis=(1, 2))
        return out

    def backprop(self, d_out, learn_rate):
        d_kernels = np.zeros(self.kernels.shape)
        for patch, i, j in self.patches(self.picture):
            for k in range(self.count):
                d_kernels[k] += d_out[i, j, k] * patch
        self.kernels -= learn_rate * d_kernels


class Softmax:
    def __init__(self, length, classes):
        self.weights = np.random.randn(length, classes) / length
        self.biases = np.zeros(classes)

    def forward(self, x):
        self.shape = x.shape
        self.flat = x.flatten()
        self.totals = self.flat @ self.weights + self.biases
        e = np.exp(self.totals)
        return e / e.sum()

    def backprop(self, d_out, learn_rate):
        for i, g in enumerate(d_out):
            if g == 0:
                continue
            e = np.exp(self.totals)
            total = e.sum()
            d_totals = -e[i] * e / total**2
            d_totals[i] = e[i] * (total - e[i]) / total**2
            d_totals = g * d_totals
            d_x = self.weights @ d_totals
            self.weights -= learn_rate * self.flat[:, None] @ d_totals[None]
            self.biases -= learn_rate * d_totals
            return d_x.reshape(self.shape)
