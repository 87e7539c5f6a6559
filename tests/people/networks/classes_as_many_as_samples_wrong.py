# Wrong: TwoLayerNet: the mask of dropout is forgotten
import numpy as np


class TwoLayerNet:
    def __init__(self, input_dim=7, hidden=6, classes=4, reg=0.0, dropout=1.0, seed=0):
        rng = np.random.RandomState(seed)
        self.params = {
            "W1": rng.randn(input_dim, hidden),
            "b1": np.zeros(hidden),
            "W2": rng.randn(hidden, classes),
            "b2": np.zeros(classes),
        }
        self.reg, self.keep, self.seed = reg, dropout, seed

    def loss(self, X, y=None):
        W1, b1, W2, b2 = (self.params[k] for k in ("W1", "b1", "W2", "b2"))
        a = X @ W1 + b1
        h = np.maximum(0, a)
        if self.keep < 1.0:
            mask = (np.random.RandomState(self.seed).rand(*h.shape) < self.keep) / self.keep
            h = h * mask
        scores = h @ W2 + b2
        if y is None:
            return scores
        n = X.shape[0]
        s = scores - scores.max(axis=1, keepdims=True)
        p = np.exp(s) / np.exp(s).sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(n), y]).mean() + 0.5 * self.reg * ((W1**2).sum() + (W2**2).sum())
        d = p.copy()
        d[np.arange(n), y] -= 1
        d /= n
        grads = {"W2": h.T @ d + self.reg * W2, "b2": d.sum(0)}
        dh = d @ W2.T
        if self.keep < 1.0:
            pass
        dh[a <= 0] = 0
        grads["W1"] = X.T @ dh + self.reg * W1
        grads["b1"] = dh.sum(0)
        return loss, grads
