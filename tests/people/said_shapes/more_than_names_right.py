# Right.
# A cast to float32 within, halves of an axis, what is spread to more axes, a logarithm as a parameter, a class of ten.
import numpy as np


class Cast:
    def __init__(self, n, m):
        self.w = np.random.randn(n, m).astype(np.float32)

    def forward(self, x):
        self.x = x.astype(np.float32)
        return self.x @ self.w

    def backward(self, grad):
        self.dw = self.x.T @ grad
        return grad @ self.w.T


class Film:
    """y[b, c, h, w] = x * (1 + gamma[b, c])"""

    def __init__(self, ins, channels):
        self.W = 0.1 * np.random.randn(ins, channels)

    def forward(self, x, t):
        self.x, self.t = x, t
        self.gamma = t @ self.W
        return x * (1 + self.gamma[:, :, None, None])

    def backward(self, dy):
        dgamma = (dy * self.x).sum((2, 3))
        self.dW = self.t.T @ dgamma
        return dy * (1 + self.gamma[:, :, None, None]), dgamma @ self.W.T


class Bumps:
    def __init__(self, ins, count):
        self.centres, self.log_s = np.random.randn(count, ins), np.zeros(count)

    def forward(self, x):
        self.off = x[:, None] - self.centres
        self.square = (self.off**2).sum(-1)
        self.y = np.exp(-self.square / (2 * np.exp(2 * self.log_s)))
        return self.y

    def backward(self, grad):
        g = grad * self.y / np.exp(2 * self.log_s)
        self.dcentres = (g[:, :, None] * self.off).sum(0)
        self.dlog_s = (g * self.square).sum(0)
        return -(g[:, :, None] * self.off).sum(1)


def rotate_half(x):
    half = x.shape[-1] // 2
    return np.concatenate([-x[..., half:], x[..., :half]], axis=-1)


def rotate(q, cos, sin):
    return q * cos + rotate_half(q) * sin


def rotate_backward(grad, q, cos, sin):
    return grad * cos - rotate_half(grad * sin)
