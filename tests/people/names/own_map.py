# Wrong: dY goes through the forward's own map, where its transpose belongs; a window's area, halves, axes.
# Said of cumsum_backward: dx is (∂Y/∂x) dY
# Said of rotate_backward: dx is (∂Y/∂x) dY
# Said of reorder_backward: dx is (∂Y/∂x) dY
# Said of AvgPool: dx is the right gradient times self.k² (4).
# Said of GatedHalves: in place of `[dy * self.a * np.cos(self.b), dy * np.sin(self.b)]`
# Said of InstanceNorm: With `(2, 3)` in place of `(0, 2, 3)` in lines
import numpy as np


def cumsum_forward(x):
    return np.cumsum(x, axis=1), None


def cumsum_backward(dy, _):
    return np.cumsum(dy, axis=1)


def rotate_forward(x, angle=0.4):
    c, s = np.cos(angle), np.sin(angle)
    a, b = x[:, ::2], x[:, 1::2]
    return np.stack([a * c - b * s, a * s + b * c], axis=-1).reshape(x.shape), (c, s)


def rotate_backward(dy, cache):
    c, s = cache
    a, b = dy[:, ::2], dy[:, 1::2]
    return np.stack([a * c - b * s, a * s + b * c], axis=-1).reshape(dy.shape)


def reorder_forward(x):
    order = np.argsort(np.sin(7.0 * np.arange(x.shape[1])))
    return x[:, order], order


def reorder_backward(dy, order):
    return dy[:, order]


class AvgPool:
    def __init__(self, k=2, stride=2):
        self.k, self.stride = k, stride

    def forward(self, x):
        n, c, h, w = x.shape
        k, s, self.shape = self.k, self.stride, x.shape
        y = np.zeros((n, c, (h - k) // s + 1, (w - k) // s + 1))
        for i in range(y.shape[2]):
            for j in range(y.shape[3]):
                y[:, :, i, j] = x[:, :, i * s : i * s + k, j * s : j * s + k].mean(axis=(2, 3))
        return y

    def backward(self, dy):
        k, s, dx = self.k, self.stride, np.zeros(self.shape)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                dx[:, :, i * s : i * s + k, j * s : j * s + k] += dy[:, :, i, j, None, None]
        return dx


class GatedHalves:
    def forward(self, x):
        self.a, self.b = np.split(x, 2, axis=-1)
        return self.a * np.sin(self.b)

    def backward(self, dy):
        return np.concatenate([dy * self.a * np.cos(self.b), dy * np.sin(self.b)], axis=-1)


class InstanceNorm:
    def forward(self, x):
        c = x - x.mean(axis=(2, 3), keepdims=True)
        self.r = 1 / np.sqrt((c * c).mean(axis=(2, 3), keepdims=True) + 1e-5)
        self.h = c * self.r
        return self.h

    def backward(self, dy):
        m = dy.mean(axis=(0, 2, 3), keepdims=True)
        return self.r * (dy - m - self.h * (dy * self.h).mean(axis=(0, 2, 3), keepdims=True))
