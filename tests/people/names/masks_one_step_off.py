# The mask of the step before is taken.
# Said of RNN: With `t + 1` in place of `t` in line
import numpy as np


class RNN:
    """x: (B, T, I)."""

    def __init__(self, input_size, hidden_size, nonlinearity="tanh", bias=True):
        rng = np.random.default_rng(3)
        self.Wx = rng.normal(size=(input_size, hidden_size)) * 0.5
        self.Wh = rng.normal(size=(hidden_size, hidden_size)) * 0.5
        self.b = np.zeros(hidden_size)
        self.nonlinearity = nonlinearity

    def forward(self, x, h0=None):
        B, T, _ = x.shape
        h = np.zeros((B, T + 1, len(self.b)))
        if h0 is not None:
            h[:, 0] = h0
        for t in range(T):
            a = x[:, t] @ self.Wx + h[:, t] @ self.Wh + self.b
            h[:, t + 1] = np.tanh(a) if self.nonlinearity == "tanh" else np.maximum(a, 0)
        self.x, self.h = x, h
        return h[:, 1:]

    def backward(self, dh):
        x, h = self.x, self.h
        self.dWx, self.dWh, self.db = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.b)
        dx, nxt = np.zeros_like(x), 0
        for t in reversed(range(x.shape[1])):
            d = dh[:, t] + nxt
            da = d * (1 - h[:, t + 1] ** 2) if self.nonlinearity == "tanh" else d * (h[:, t] > 0)
            self.dWx += x[:, t].T @ da
            self.dWh += h[:, t].T @ da
            self.db += da.sum(0)
            dx[:, t] = da @ self.Wx.T
            nxt = da @ self.Wh.T
        return dx
