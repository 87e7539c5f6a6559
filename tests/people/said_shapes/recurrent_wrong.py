# Wrong: RNN: the state of the wrong step.
import numpy as np


class RNN:
    def __init__(self, vocab, hidden):
        self.Wxh = np.random.randn(hidden, vocab) * 0.01
        self.Whh = np.random.randn(hidden, hidden) * 0.01
        self.bh = np.zeros((hidden, 1))

    def forward(self, xs, h0):
        """xs: (T, vocab, 1), h0: (hidden, 1)"""
        self.xs, self.hs = xs, [h0]
        for x in xs:
            self.hs.append(np.tanh(self.Wxh @ x + self.Whh @ self.hs[-1] + self.bh))
        return np.stack(self.hs[1:])

    def backward(self, dhs):
        self.dWxh, self.dWhh, self.dbh = np.zeros_like(self.Wxh), np.zeros_like(self.Whh), np.zeros_like(self.bh)
        dnext = np.zeros_like(self.hs[0])
        dxs = np.zeros_like(self.xs)
        for t in reversed(range(len(self.xs))):
            dh = dhs[t] + dnext
            draw = (1 - self.hs[t + 1] ** 2) * dh
            self.dbh += draw
            self.dWxh += draw @ self.xs[t].T
            self.dWhh += draw @ self.hs[t + 1].T
            dxs[t] = self.Wxh.T @ draw
            dnext = self.Whh.T @ draw
        return dxs, dnext
