# Wrong: forward forgets what backward remembers, so that the gradient of it is 0.
# Said of NoBias: forward never uses bias
# Said of NoGain: forward never uses gamma
# Said of NoShift: forward never uses beta
# Said of scale_backward: forward never uses b
# Said of NoRecurrence: forward never uses U
import numpy as np


class NoBias:
    def __init__(self, n, m):
        self.params = {"weight": np.random.randn(n, m), "bias": np.zeros(m)}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"]

    def backward(self, dout):
        self.grads = {"weight": self.x.T @ dout, "bias": dout.sum(axis=0)}
        return dout @ self.params["weight"].T


class NoGain:
    def __init__(self, n):
        self.gamma, self.beta = np.random.randn(n), np.random.randn(n)

    def forward(self, x):
        self.c = x - x.mean(axis=0)
        return self.c + self.beta

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.c).sum(axis=0), dy.sum(axis=0)
        return dy - dy.mean(axis=0)


class NoShift:
    def __init__(self, n):
        self.gamma, self.beta = np.random.randn(n), np.random.randn(n)

    def forward(self, x):
        self.c = x - x.mean(axis=0)
        return self.gamma * self.c

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.c).sum(axis=0), dy.sum(axis=0)
        d = self.gamma * dy
        return d - d.mean(axis=0)


def scale_forward(x, w, b):
    return x @ w, (x, w)


def scale_backward(dout, cache):
    x, w = cache
    return dout @ w.T, x.T @ dout, dout.sum(axis=0)


class NoRecurrence:
    def __init__(self, n, m):
        self.W, self.U = np.random.randn(n, m), np.random.randn(m, m)

    def forward(self, x):
        self.x = x
        self.h = np.tanh(x @ self.W)
        return self.h

    def backward(self, dh):
        dz = dh * (1 - self.h**2)
        self.dW, self.dU = self.x.T @ dz, self.h.T @ dz
        return dz @ self.W.T
