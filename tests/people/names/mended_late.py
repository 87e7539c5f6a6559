# Said of Hinge: Write `d[n, self.y] -= d.sum(axis=1)`.
# Said of ForgetfulHinge: In dscores, what goes back into the second operand of `-`
# Said of RMSNorm: (x * g).mean(axis=1, keepdims=True)
# Said of Normalise: Write `return dy / self.n - self.x
# Said of Elman: Write `for t in reversed(range(len(self.x))):`.
# Said of Mixture: With `self.p * (np.stack(
# Said of smooth_l1_grad: With `d / beta` in place of `d`
"""What is forgotten within a sum, at the label of a row, in a branch, or in the direction of a loop."""

import numpy as np


class Hinge:
    def __init__(self, margin=1.0):
        self.margin = margin

    def forward(self, scores, y):
        """scores: (N, C), y: (N,) integers"""
        n = np.arange(len(y))
        self.m = np.maximum(0, scores - scores[n, y][:, None] + self.margin)
        self.m[n, y] = 0
        self.y = y
        return (self.m**2).sum() / len(y)

    def backward(self):
        d = 2 * self.m
        n = np.arange(len(self.y))
        d[n, self.y] -= 1
        return d / len(self.y)


class ForgetfulHinge(Hinge):
    def backward(self):
        return 2 * self.m / len(self.y)


class RightHinge(Hinge):
    def backward(self):
        d = 2 * self.m
        n = np.arange(len(self.y))
        d[n, self.y] -= d.sum(1)
        return d / len(self.y)


class RMSNorm:
    def __init__(self, dim):
        self.gain = np.ones(dim)

    def forward(self, x):
        self.x = x
        self.r = np.sqrt((x * x).mean(axis=1, keepdims=True) + 1e-6)
        return self.gain * x / self.r

    def backward(self, dy):
        x, r = self.x, self.r
        g = dy * self.gain
        self.dgain = (dy * x / r).sum(axis=0)
        return g / r - x * x.mean(axis=1, keepdims=True) / r**3


class Normalise:
    def forward(self, x):
        self.x = x
        self.n = np.sqrt((x**2).sum(axis=1, keepdims=True))
        return x / self.n

    def backward(self, dy):
        return self.x * (dy * self.x).sum(axis=1, keepdims=True) / self.n**3


class Elman:
    def __init__(self, n_in, n_hidden):
        rng = np.random.default_rng(0)
        self.Wx = rng.normal(size=(n_in, n_hidden)) * 0.5
        self.Wh = rng.normal(size=(n_hidden, n_hidden)) * 0.5

    def forward(self, x):
        """x: (T, B, n_in)"""
        h, self.x, self.hs = np.zeros((x.shape[1], len(self.Wh))), x, []
        for xt in x:
            self.hs.append(h)
            h = np.tanh(xt @ self.Wx + h @ self.Wh)
        self.hs.append(h)
        return np.stack(self.hs[1:])

    def backward(self, dhs):
        self.dWx, self.dWh = np.zeros_like(self.Wx), np.zeros_like(self.Wh)
        dx, dnext = np.zeros_like(self.x), 0.0
        for t in range(len(self.x)):
            da = (dhs[t] + dnext) * (1 - self.hs[t + 1] ** 2)
            self.dWx += self.x[t].T @ da
            self.dWh += self.hs[t].T @ da
            dx[t] = da @ self.Wx.T
            dnext = da @ self.Wh.T
        return dx


class Mixture:
    """Two experts, mixed by a softmax gate."""

    def __init__(self, dim):
        rng = np.random.default_rng(0)
        self.Wg, self.W1, self.W2 = (rng.normal(size=(dim, n)) for n in (2, dim, dim))

    def forward(self, x):
        s = x @ self.Wg
        e = np.exp(s - s.max(1, keepdims=True))
        self.p = e / e.sum(1, keepdims=True)
        self.x, self.y1, self.y2 = x, x @ self.W1, x @ self.W2
        return self.p[:, :1] * self.y1 + self.p[:, 1:] * self.y2

    def backward(self, dy):
        dp = np.stack([(dy * self.y1).sum(1), (dy * self.y2).sum(1)], axis=1)
        ds = dp
        self.dWg = self.x.T @ ds
        d1, d2 = self.p[:, :1] * dy, self.p[:, 1:] * dy
        self.dW1, self.dW2 = self.x.T @ d1, self.x.T @ d2
        return ds @ self.Wg.T + d1 @ self.W1.T + d2 @ self.W2.T


def smooth_l1(pred, target, beta=1.0):
    d = pred - target
    a = np.abs(d)
    return np.where(a < beta, 0.5 * d**2 / beta, a - 0.5 * beta).mean()


def smooth_l1_grad(pred, target, beta=1.0):
    d = pred - target
    return np.where(np.abs(d) < beta, d, np.sign(d)) / d.size
