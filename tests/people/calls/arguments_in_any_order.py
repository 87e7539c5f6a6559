# right: Multiply Cosine Squash Gate Softsign fc_backward scale_backward power_backward
# wrong: BadMultiply BadSquash fc_bad_backward
import numpy as np


class Multiply:
    def forward(self, W, X):
        return X @ W

    def backward(self, W, X, dZ):
        return X.T @ dZ, dZ @ W.T


class BadMultiply(Multiply):
    def backward(self, W, X, dZ):
        return X.T @ dZ / len(X), dZ @ W.T


class Cosine:
    def forward(self, X):
        return np.cos(X)

    def backward(self, X, top_diff):
        return -np.sin(X) * top_diff


class Squash:
    def forward(self, x):
        return 1 / (1 + np.exp(-x))

    def backward(self, grad, out):
        return grad * out * (1 - out)


class BadSquash(Squash):
    def backward(self, grad, out):
        return grad * out * (1 + out)


class Gate:
    def forward(self, a, b):
        self.a, self.b = a, b
        return a * np.tanh(b)

    def backward(self, upstream):
        return upstream * np.tanh(self.b), upstream * self.a * (1 - np.tanh(self.b) ** 2)


class Softsign:
    def forward(self, z):
        return z / (1 + np.abs(z))

    def backward(self, z, delta):
        return delta / (1 + np.abs(z)) ** 2


def fc_forward(z, W, b):
    return z @ W + b


def fc_backward(next_dz, W, z):
    return z.T @ next_dz, next_dz.sum(axis=0), next_dz @ W.T


def fc_bad_forward(z, W, b):
    return z @ W + b


def fc_bad_backward(next_dz, W, z):
    return z.T @ next_dz, next_dz.mean(axis=0), next_dz @ W.T


def scale_forward(x, gamma):
    return x * gamma


def scale_backward(x, gamma, dout):
    return dout * gamma, (dout * x).sum(axis=0)


def power_forward(x):
    return x**3


def power_backward(x, dout):
    return 3 * x**2 * dout
