# Wrong: a gradient is sent to another array than its own, past what lies between.
# Said of Residual: sends back to x goes to
# Said of PostNorm: is given dY itself, past all that lies between
# Said of HiddenLayer: the derivative of `tanh`
# Said of Gated: Use `self.g`
# Said of Forgotten: treated as a constant
import numpy as np


class RMS:
    def norm(self, x):
        self.s = np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-5)
        self.h = x / self.s
        return self.h

    def norm_back(self, d):
        return (d - self.h * (d * self.h).mean(axis=1, keepdims=True)) / self.s


class Residual(RMS):
    def __init__(self, n):
        self.W = np.random.randn(n, n)

    def forward(self, x):
        return x + self.norm(x) @ self.W

    def backward(self, d):
        self.dW = self.h.T @ d
        return self.norm_back(d @ self.W.T + d)


class PostNorm(RMS):
    def __init__(self, n):
        self.W = np.random.randn(n, n)

    def forward(self, x):
        self.x = x
        return self.norm(x + x @ self.W)

    def backward(self, d):
        dz = self.norm_back(d)
        self.dW = self.x.T @ dz
        return d + dz @ self.W.T


class HiddenLayer:
    def __init__(self, n, m):
        self.W1, self.W2 = np.random.randn(n, m), np.random.randn(m, m)

    def forward(self, x):
        self.x = x
        self.z = x @ self.W1
        self.a = np.tanh(self.z)
        return self.a @ self.W2

    def backward(self, d):
        da = d @ self.W2.T
        dz = da * (1 - self.a**2)
        self.dW2 = self.a.T @ d
        self.dW1 = self.x.T @ da
        return dz @ self.W1.T


class Gated:
    def forward(self, x):
        self.x = x
        self.g = 1 / (1 + np.exp(-x))
        self.t = np.tanh(x)
        return self.g * self.t

    def backward(self, d):
        dg = d * self.t
        return dg * self.g * (1 - self.g) + dg * (1 - self.t**2)


class Forgotten:
    def forward(self, x):
        self.x = x
        self.e = np.exp(x)
        return self.x * self.e + np.sin(x)

    def backward(self, d):
        return d * (self.e + np.cos(self.x))
