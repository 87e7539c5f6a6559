# Wrong: only for |x| > 3, only for batches of nine and more, only where an input has one axis more, only for many
# features, for long sequences, for many channels, for rows of one sign, for zeros.
# Said of Clipped: dx is wrong at values four times as large
# Said of Many: dx is wrong in a batch of 13
# Said of Softmax: dx is wrong with one axis more
# Said of Saturated: dx is wrong at values four times as large
# Said of Buffered: in a batch of 13
# Said of Rows: with one axis more
# Said of Wide: It is right where the size of axis 1 of x is 8 or less, and wrong where it is 9 or more.
# Said of Dense: It is right where the size of axis 1 of x is 16 or less, and wrong where it is 17 or more.
# Said of Steps: It is right where the size of axis 1 of x is 12 or less, and wrong where it is 13 or more.
# Said of Channels: It is right where the size of axis 1 of x is 10 or less, and wrong where it is 11 or more.
# Said of Below: at negative values
# Said of Ratio: where an entry of x is 0
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


class Wide:
    def forward(self, x):
        self.x = x
        return np.sin(x)

    def backward(self, dy):
        dx = dy * np.cos(self.x)
        dx[..., 8:] = 0
        return dx


class Dense:
    def __init__(self, features, outputs):
        self.features = features
        self.W = np.random.randn(features, outputs)
        self.b = np.zeros(outputs)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dy):
        self.dW = np.zeros((self.features, dy.shape[1]))
        self.dW[:16] = self.x.T[:16] @ dy
        self.db = dy.sum(axis=0)
        return dy @ self.W.T


class Steps:
    def __init__(self, features):
        self.decay = np.linspace(0.8, 0.95, features)

    def forward(self, x):
        n, steps, features = x.shape
        h, self.kept = np.zeros((n, features)), []
        for t in range(steps):
            self.kept.append(h)
            h = self.decay * h + x[:, t]
        return h

    def backward(self, dh):
        n, features = dh.shape
        dx = np.zeros((n, len(self.kept), features))
        self.ddecay = np.zeros_like(self.decay)
        for k, h in enumerate(reversed(self.kept)):
            if k == 12:
                break
            dx[:, len(self.kept) - 1 - k] = dh
            self.ddecay += (dh * h).sum(axis=0)
            dh = self.decay * dh
        return dx


class Channels:
    def forward(self, x):
        n, c, h, w = x.shape
        self.shape = x.shape
        return x.mean(axis=(2, 3))

    def backward(self, dy):
        n, c, h, w = self.shape
        dx = np.zeros(self.shape)
        dx[:, :10] = dy[:, :10, None, None] / (h * w)
        return dx


class Below:
    def forward(self, x):
        m = np.max(x, axis=1, keepdims=True)
        e = np.exp(x - m)
        self.y = e / e.sum(axis=1, keepdims=True)
        self.alive = (x > 0).any(axis=1, keepdims=True)
        return self.y

    def backward(self, dy):
        return self.alive * self.y * (dy - (dy * self.y).sum(axis=1, keepdims=True))


class Ratio:
    def forward(self, x):
        self.x, self.y = x, x * np.exp(-x * x)
        return self.y

    def backward(self, dy):
        return dy * (self.y / self.x - 2 * self.x * self.y)
