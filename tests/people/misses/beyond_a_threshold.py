# The forward compares with numbers that ordinary inputs stay below, and the backward forgets what comes then.
# Said of huber_backward: dx is wrong at values of about 10
# Said of Scaler: dx is wrong at values of about 50
import numpy as np


def huber_forward(x, t):
    d = x - t
    return np.where(np.abs(d) < 10, 0.5 * d**2, 10 * np.abs(d) - 50).sum(), (x, t)


def huber_backward(cache):
    x, t = cache
    return x - t


class Scaler:
    def forward(self, x):
        self.n = np.linalg.norm(x)
        self.big = self.n > 50
        self.x = x
        return x * (50 / self.n) if self.big else x.copy() * 1.0 + 0.1 * x**2

    def backward(self, dy):
        if self.big:
            return dy * 50 / self.n
        return dy * (1 + 0.2 * self.x)
