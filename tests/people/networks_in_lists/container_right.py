# Right.
import numpy as np


class Concat:
    def __init__(self, axis=1):
        self.axis = axis

    def forward(self, a, b):
        self.k = a.shape[self.axis]
        return np.concatenate([a, b], axis=self.axis)

    def backward(self, g):
        return tuple(np.split(g, [self.k], axis=self.axis))


class Permute:
    def __init__(self, *axes):
        self.axes = axes or (0, 2, 3, 1)

    def forward(self, x):
        return x.transpose(self.axes)

    def backward(self, g):
        return g.transpose(np.argsort(self.axes))


class GlobalAvgPool:
    def forward(self, x):
        self.shape = x.shape
        return x.mean(axis=(2, 3))

    def backward(self, g):
        n, c, h, w = self.shape
        return np.broadcast_to(g[:, :, None, None], self.shape) / (h * w)


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, x):
        for l in self.layers:
            x = l.forward(x)
        return x

    def backward(self, g):
        for l in reversed(self.layers):
            g = l.backward(g)
        return g


net = Sequential([GlobalAvgPool()])
