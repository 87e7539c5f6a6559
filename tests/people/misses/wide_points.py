# Wrong: only for |x| > 3, only for batches of nine and more, only where an input has one axis more.
# Said of Clipped: dx is wrong at values four times as large
# Said of Many: dx is wrong in a batch of 13
# Said of Softmax: dx is wrong with one axis more
# Said of Saturated: dx is wrong at values four times as large
# Said of Buffered: in a batch of 13
# Said of Rows: with one axis more
import numpy as np


class Clipped:
    def forward(self, x):
        self.x = x
        return np.tanh(x) * x

    def backward(self, dy):
        t = np.tanh(self.x)
        return dy * np.where(abs(self.x) > 3, 1.0, t + self.x * (1 - t * t))


class Many:
    def forward(self, x):
        self.x = x
        return x**2

    def backward(self, dy):
        d = 2 * self.x * dy
        d[8:] = 0
        return d


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.out = e / e.sum(axis=-1, keepdims=True)
        return self.out

    def backward(self, dout):
        return self.out * (dout - (dout * self.out).sum(axis=1, keepdims=True))


class Saturated:
    def forward(self, x):
        self.x = x
        return np.sin(x)

    def backward(self, dy):
        return dy * np.cos(np.clip(self.x, -4, 4))


class Buffered:
    def forward(self, x):
        self.x = x
        return x**3

    def backward(self, dy):
        dx = np.zeros((8, dy.shape[1]))
        dx[: len(dy)] = 3 * self.x[:8] ** 2 * dy[:8]
        return dx[: len(dy)]


class Rows:
    def forward(self, x):
        self.n = x.shape[-1]
        self.c = x - x.mean(axis=-1, keepdims=True)
        return self.c

    def backward(self, dy):
        return dy - dy.sum(axis=-1, keepdims=True) / dy.shape[1]
