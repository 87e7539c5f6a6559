# Wrong: RotaryEmbedding: turned the same way.
import numpy as np


class SwiGLUFeedForward:
    def __init__(self, dim, hidden_dim):
        self.w1 = np.random.randn(dim, hidden_dim) / np.sqrt(dim)
        self.w2 = np.random.randn(hidden_dim, dim) / np.sqrt(hidden_dim)
        self.w3 = np.random.randn(dim, hidden_dim) / np.sqrt(dim)
        self.dw1 = self.dw2 = self.dw3 = None

    def forward(self, x):
        self.x = x
        self.a, self.b = x @ self.w1, x @ self.w3
        self.s = 1 / (1 + np.exp(-self.a))
        self.h = self.a * self.s * self.b
        return self.h @ self.w2

    def backward(self, dout):
        flat = lambda t: t.reshape(-1, t.shape[-1])
        dh = dout @ self.w2.T
        self.dw2 = flat(self.h).T @ flat(dout)
        db = dh * self.a * self.s
        da = dh * self.b * self.s * (1 + self.a * (1 - self.s))
        self.dw1 = flat(self.x).T @ flat(da)
        self.dw3 = flat(self.x).T @ flat(db)
        return da @ self.w1.T + db @ self.w3.T


class RotaryEmbedding:
    def __init__(self, dim, base=10000):
        self.inv = 1 / base ** (np.arange(0, dim, 2) / dim)

    def _angles(self, T):
        a = np.outer(np.arange(T), self.inv)
        return np.cos(a), np.sin(a)

    def forward(self, x):
        c, s = self._angles(x.shape[-2])
        x1, x2 = x[..., 0::2], x[..., 1::2]
        y = np.empty_like(x)
        y[..., 0::2], y[..., 1::2] = x1 * c - x2 * s, x1 * s + x2 * c
        return y

    def backward(self, dy):
        c, s = self._angles(dy.shape[-2])
        d1, d2 = dy[..., 0::2], dy[..., 1::2]
        dx = np.empty_like(dy)
        dx[..., 0::2], dx[..., 1::2] = d1 * c - d2 * s, d1 * s + d2 * c
        return dx
