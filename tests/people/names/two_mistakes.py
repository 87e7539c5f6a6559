# Wrong twice, and both are told.
# Said of SignAndSum: Two mistakes at once.
# Said of MeanAndAxis: Two mistakes at once.
# Said of Flipped: Two mistakes at once.
# Said of Normed: Two mistakes at once.
# Said of HalfAndPlace: Two mistakes at once.
import numpy as np


class Rows:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out


class SignAndSum(Rows):
    def backward(self, d):
        return -self.out * (d - np.sum(d, axis=1, keepdims=True))


class MeanAndAxis(Rows):
    def backward(self, d):
        return self.out * (d - np.sum(d * self.out, axis=0, keepdims=True)) / len(d)


class Flipped:
    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, d):
        return -(2 * self.x * d)[:, ::-1]


class Normed:
    def forward(self, x):
        self.s = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
        self.h = (x - x.mean(axis=1, keepdims=True)) / self.s
        return self.h

    def backward(self, d):
        first = d.mean(axis=1, keepdims=True)
        second = self.h * (d * self.h).mean(axis=1, keepdims=True)
        return (d + first - 2 * second) / self.s


class HalfAndPlace:
    def forward(self, x):
        self.y = np.tanh(x)
        return self.y

    def backward(self, d):
        return 0.5 * (1 - (d * self.y) ** 2)
