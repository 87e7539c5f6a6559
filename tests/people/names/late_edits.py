# What people group, shift, order or forget: where nothing shorter mends it, that is tried too.
# Said of Power: Write `return dy * (self.n * self.x ** (self.n - 1))`.
# Said of Shuffle: Write `d = d.reshape(n, c, h // r, r, w // r, r).transpose(0, 1, 3, 5, 2, 4)`.
# Said of Padded: With `dxp[:, self.p:self.p + self.n]` in place of `dxp[:, :self.n]`
import numpy as np


class Power:
    def __init__(self, n=3):
        self.n = n

    def forward(self, x):
        self.x = x
        return x**self.n

    def backward(self, dy):
        return dy * (self.n * self.x**self.n - 1)


class Shuffle:
    def __init__(self, r=2):
        self.r = r

    def forward(self, x):
        n, c, h, w = x.shape
        y = x.reshape(n, c // self.r**2, self.r, self.r, h, w).transpose(0, 1, 4, 2, 5, 3)
        return y.reshape(n, c // self.r**2, h * self.r, w * self.r)

    def backward(self, d):
        n, c, h, w = d.shape
        r = self.r
        d = d.reshape(n, c, h // r, r, w // r, r).transpose(0, 1, 5, 3, 2, 4)
        return d.reshape(n, c * r**2, h // r, w // r)


class Padded:
    def __init__(self, p=1):
        self.p = p

    def forward(self, x):
        self.n = x.shape[1]
        self.xp = np.pad(x, ((0, 0), (self.p, self.p)))
        return self.xp[:, 2:] * self.xp[:, 1:-1] + self.xp[:, :-2] ** 2

    def backward(self, dy):
        dxp = np.zeros_like(self.xp)
        dxp[:, 2:] += dy * self.xp[:, 1:-1]
        dxp[:, 1:-1] += dy * self.xp[:, 2:]
        dxp[:, :-2] += 2 * dy * self.xp[:, :-2]
        return dxp[:, : self.n]
