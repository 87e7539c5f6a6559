# Wrong in the sum over the other outputs: of softmax, of rows divided by their sum or by their length.
# Said of Softmax: Y belongs inside the sum
# Said of Normalize: Each entry of x reaches other outputs too
# Said of AcrossSamples: Sum over axis 1, not over axis 0
# Said of Plain: Multiply by Y inside the sum
# Said of NoUpstream: Multiply by dY before the sum is taken
# Said of Plus: the sign is wrong
# Said of Averaged: is multiplied by 1/5, where 5 is the size of axis 1 of Y
# Said of Length: Sum over axis 1, not over axis 0
# Said of LogSoftmax: Sum over axis 1, not over axis 0
import numpy as np


class Rows:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out


class Softmax(Rows):
    def backward(self, dout):
        return np.array([d @ (s * (np.identity(len(s)) - s)) for d, s in zip(dout, self.out, strict=True)])


class Normalize:
    def forward(self, x):
        self.y = x / np.sum(x, axis=1, keepdims=True)
        return self.y

    def backward(self, dy):
        return dy * (self.y * (1 - self.y))


class AcrossSamples(Rows):
    def backward(self, d):
        return self.out * (d - np.sum(d * self.out, axis=0, keepdims=True))


class Plain(Rows):
    def backward(self, d):
        return self.out * (d - np.sum(d, axis=1, keepdims=True))


class NoUpstream(Rows):
    def backward(self, d):
        return self.out * (d - np.sum(self.out, axis=1, keepdims=True))


class Plus(Rows):
    def backward(self, d):
        return self.out * (d + np.sum(d * self.out, axis=1, keepdims=True))


class Averaged(Rows):
    def backward(self, d):
        return self.out * (d - np.mean(d * self.out, axis=1, keepdims=True))


class Length:
    def forward(self, x):
        self.n = np.sqrt((x**2).sum(axis=1, keepdims=True))
        self.y = x / self.n
        return self.y

    def backward(self, d):
        return (d - self.y * np.sum(d * self.y, axis=0, keepdims=True)) / self.n


class LogSoftmax:
    def forward(self, x):
        z = x - x.max(axis=1, keepdims=True)
        self.log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        return self.log_p

    def backward(self, d):
        return d - np.exp(self.log_p) * np.sum(d, axis=0, keepdims=True)
