# Right: every backward uses its setting, at every value.
import numpy as np


class LeakyReLU:
    def __init__(self, alpha=0.01):
        self.alpha = alpha
        self.slope = 1 - alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * x)

    def backward(self, dy):
        return dy * np.where(self.x > 0, 1, 1 - self.slope)


class Dropout:
    def __init__(self, p=0.5, training=True):
        self.p, self.training = p, training

    def forward(self, x):
        self.mask = (np.random.rand(*x.shape) > self.p) / (1 - self.p) if self.training else 1.0
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask


class Momentum:
    def __init__(self, n, momentum=0.9, eps=1e-5):
        self.gamma, self.beta = np.random.randn(n), np.random.randn(n)
        self.momentum, self.eps, self.running_mean = momentum, eps, np.zeros(n)

    def forward(self, x):
        mu, var = x.mean(axis=0), x.var(axis=0)
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
        self.s = np.sqrt(var + self.eps)
        self.h = (x - mu) / self.s
        return self.gamma * self.h + self.beta

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.h).sum(axis=0), dy.sum(axis=0)
        d = dy * self.gamma
        return (d - d.mean(axis=0) - self.h * (d * self.h).mean(axis=0)) / self.s


class Linear:
    def __init__(self, n, m, bias=True, scale=0.01):
        self.w = scale * np.random.randn(n, m)
        self.b = np.zeros(m) if bias else None

    def forward(self, x):
        self.x = x
        return x @ self.w + (0 if self.b is None else self.b)

    def backward(self, dy):
        self.dw = self.x.T @ dy
        self.db = dy.sum(axis=0)
        return dy @ self.w.T


class Pool:
    def __init__(self, k=2, stride=2):
        self.k, self.s = k, stride

    def forward(self, x):
        self.x = x
        self.starts = range(0, x.shape[1] - self.k + 1, self.s)
        return np.stack([x[:, i : i + self.k].max(axis=1) for i in self.starts], axis=1)

    def backward(self, dy):
        dx = np.zeros_like(self.x)
        for j, i in enumerate(self.starts):
            p = self.x[:, i : i + self.k]
            dx[:, i : i + self.k] += (p == p.max(axis=1, keepdims=True)) * dy[:, j : j + 1]
        return dx


class Power:
    def __init__(self, power=2):
        self.power = power

    def forward(self, x):
        self.x = x
        return x**self.power

    def backward(self, dy):
        return dy * self.power * self.x ** (self.power - 1)


def slope_forward(x, slope=0.2):
    return np.where(x > 0, x, slope * x), (x, slope)


def slope_backward(dout, cache):
    x, slope = cache
    return dout * np.where(x > 0, 1, slope)


def swish(x, beta=1.0):
    return x / (1 + np.exp(-beta * x))


def swish_backward(dout, x, beta=1.0):
    s = 1 / (1 + np.exp(-beta * x))
    return dout * (s + beta * x * s * (1 - s))
