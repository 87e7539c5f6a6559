# A member of an enumeration, a tuple of sizes, None in place of a size: each has other values too.
# Said of AvgPool: dx is wrong with stride = 1
# Said of MSE: dx is wrong with mode = Mode.SUM
# Said of MaxPool1d: backward fails with stride = (1,)
from enum import Enum

import numpy as np


class Mode(Enum):
    MEAN = "mean"
    SUM = "sum"


class MSE:
    def __init__(self, mode=Mode.MEAN):
        self.mode = mode

    def forward(self, x, t):
        self.d = x - t
        s = (self.d**2).sum()
        return s / self.d.size if self.mode == Mode.MEAN else s

    def backward(self):
        return 2 * self.d / self.d.size


class AvgPool:
    def __init__(self, k=2, stride=None):
        self.k, self.stride = k, stride if stride is not None else k

    def forward(self, x):
        n, c, h, w = x.shape
        k, s = self.k, self.stride
        oh, ow = (h - k) // s + 1, (w - k) // s + 1
        self.shape = x.shape
        y = np.zeros((n, c, oh, ow), x.dtype)
        for i in range(oh):
            for j in range(ow):
                y[:, :, i, j] = x[:, :, i * s : i * s + k, j * s : j * s + k].mean((2, 3))
        return y

    def backward(self, dy):
        dx = np.zeros(self.shape)
        k, s = self.k, self.stride
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                dx[:, :, i * s : i * s + k, j * s : j * s + k] = dy[:, :, i : i + 1, j : j + 1] / k**2
        return dx


class MaxPool1d:
    def __init__(self, kernel_size=(2,), stride=(2,)):
        self.k, self.s = kernel_size[0], stride[0]

    def forward(self, x):
        self.x = x
        n = (x.shape[-1] - self.k) // self.s + 1
        return np.stack([x[..., i * self.s : i * self.s + self.k].max(-1) for i in range(n)], -1)

    def backward(self, dy):
        dx = np.zeros_like(self.x)
        for i in range(dy.shape[-1]):
            w = self.x[..., i * 2 : i * 2 + self.k]
            m = w == w.max(-1, keepdims=True)
            dx[..., i * 2 : i * 2 + self.k] += m * dy[..., i : i + 1]
        return dx
