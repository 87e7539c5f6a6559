# Wrong in one of the two means of a normalization's gradient.
# Said of FirstAxis: the mean of the gradient is taken over axis 0
# Said of SecondAxis: is taken over axis 0
# Said of BothAxes: are taken over axis 0
# Said of Sum: is multiplied by 5
# Said of NoGain: gamma is missing in the mean of the gradient
import numpy as np


class LayerNorm:
    def __init__(self, n):
        self.gamma, self.beta = np.random.randn(n), np.random.randn(n)

    def forward(self, x):
        self.s = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
        self.h = (x - x.mean(axis=1, keepdims=True)) / self.s
        return self.gamma * self.h + self.beta

    def backward(self, dy):
        self.dgamma, self.dbeta = (dy * self.h).sum(axis=0), dy.sum(axis=0)
        d = dy * self.gamma
        return (d - self.first(d, dy) - self.h * self.second(d)) / self.s

    def first(self, d, dy):
        return d.mean(axis=1, keepdims=True)

    def second(self, d):
        return (d * self.h).mean(axis=1, keepdims=True)


class FirstAxis(LayerNorm):
    def first(self, d, dy):
        return d.mean(axis=0, keepdims=True)


class SecondAxis(LayerNorm):
    def second(self, d):
        return (d * self.h).mean(axis=0, keepdims=True)


class BothAxes(FirstAxis):
    def second(self, d):
        return (d * self.h).mean(axis=0, keepdims=True)


class Sum(LayerNorm):
    def second(self, d):
        return (d * self.h).sum(axis=1, keepdims=True)


class NoGain(LayerNorm):
    def first(self, d, dy):
        return dy.mean(axis=1, keepdims=True)
