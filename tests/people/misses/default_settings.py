# Wrong: each backward has the default of a setting where the setting belongs; the defaults hide it.
# Said of LeakyReLU: dx is the gradient for alpha = 0.01
# Said of MaxPool1d: dx holds the last contribution alone
# Said of ELU: dx is the gradient for alpha = 1.0
# Said of Ridge: dw is the gradient for reg = 0.0
# Said of Temperature: dx is the gradient for temperature = 1.0
# Said of Padded: backward fails with padding = 1
# Said of RMSNorm: dx is the gradient for eps = 1e-08
# Said of scaled_backward: dx is the gradient for slope = 0.2
# Said of SoftmaxAlong: Sum over axis 2, not over axis 1
# Said of Loss: dx is the gradient for reduction = mean
import numpy as np


class LeakyReLU:
    def __init__(self, alpha=0.01):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * x)

    def backward(self, dy):
        return dy * np.where(self.x > 0, 1, 0.01)


class MaxPool1d:
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
            dx[:, i : i + self.k] = (p == p.max(axis=1, keepdims=True)) * dy[:, j : j + 1]
        return dx


class ELU:
    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def backward(self, dy):
        return dy * np.where(self.x > 0, 1.0, np.exp(np.minimum(self.x, 0)))


class Ridge:
    def __init__(self, n, reg=0.0):
        self.w, self.reg = np.random.randn(n), reg

    def forward(self, x):
        self.x = x
        return x @ self.w + self.reg * np.sum(self.w**2)

    def backward(self, dy):
        self.dw = self.x.T @ dy
        return np.outer(dy, self.w)


class Temperature:
    def __init__(self, temperature=1.0):
        self.t = temperature

    def forward(self, x):
        e = np.exp((x - x.max(axis=1, keepdims=True)) / self.t)
        self.y = e / e.sum(axis=1, keepdims=True)
        self.plain = np.exp(x - x.max(axis=1, keepdims=True))
        self.plain /= self.plain.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dy):
        return self.plain * (dy - (dy * self.plain).sum(axis=1, keepdims=True))


class Padded:
    def __init__(self, padding=0):
        self.padding = padding

    def forward(self, x):
        self.x = x
        return np.pad(x, ((0, 0), (self.padding, self.padding))) ** 2

    def backward(self, dy):
        return 2 * self.x * dy


class RMSNorm:
    def __init__(self, eps=1e-8):
        self.eps = eps

    def forward(self, x):
        self.x = x
        return x / np.sqrt((x**2).mean(axis=1, keepdims=True) + self.eps)

    def backward(self, dy):
        s = np.sqrt((self.x**2).mean(axis=1, keepdims=True) + 1e-8)
        h = self.x / s
        return (dy - h * (dy * h).mean(axis=1, keepdims=True)) / s


def scaled_forward(x, slope=0.2):
    return np.where(x > 0, x, slope * x), (x,)


def scaled_backward(dout, cache):
    (x,) = cache
    return dout * np.where(x > 0, 1, 0.2)


class SoftmaxAlong:
    def __init__(self, axis=-1):
        self.axis = axis

    def forward(self, x):
        e = np.exp(x - x.max(axis=self.axis, keepdims=True))
        self.y = e / e.sum(axis=self.axis, keepdims=True)
        return self.y

    def backward(self, dy):
        return self.y * (dy - (dy * self.y).sum(axis=1, keepdims=True))


class Loss:
    def __init__(self, reduction="mean"):
        self.reduction = reduction

    def forward(self, x):
        self.x = x
        return np.mean(x**2) if self.reduction == "mean" else np.sum(x**2)

    def backward(self, dy):
        return dy * 2 * self.x / self.x.size
