# Said of MLP: the derivative of `np.tanh(z)`
# Said of Leaky: what goes back into the
"""What is left out in every turn of a loop, over layers or over steps."""

import numpy as np


class MLP:
    def __init__(self, sizes=(5, 6, 4, 3)):
        rng = np.random.default_rng(0)
        self.W = [rng.normal(size=(a, b)) / np.sqrt(a) for a, b in zip(sizes, sizes[1:])]
        self.b = [np.zeros(b) for b in sizes[1:]]

    def forward(self, X):
        self.a = [X]
        for k, (W, b) in enumerate(zip(self.W, self.b)):
            z = self.a[-1] @ W + b
            self.a.append(np.tanh(z) if k < len(self.W) - 1 else z)
        return self.a[-1]

    def loss(self, X, y):
        return 0.5 * np.mean(np.sum((self.forward(X) - y) ** 2, axis=1))

    def backward(self, X, y):
        d = (self.forward(X) - y) / len(X)
        dW, db = [None] * len(self.W), [None] * len(self.b)
        for k in reversed(range(len(self.W))):
            dW[k], db[k] = self.a[k].T @ d, d.sum(0)
            if k > 0:
                d = d @ self.W[k].T
        return dW, db


class RightMLP(MLP):
    def backward(self, X, y):
        d = (self.forward(X) - y) / len(X)
        dW, db = [None] * len(self.W), [None] * len(self.b)
        for k in reversed(range(len(self.W))):
            dW[k], db[k] = self.a[k].T @ d, d.sum(0)
            if k > 0:
                d = d @ self.W[k].T * (1 - self.a[k] ** 2)
        return dW, db


class Leaky:
    """States that decay by a gate from step to step; the gradient that the next step sends back is dropped."""

    def __init__(self, n_in, n_hidden):
        rng = np.random.default_rng(0)
        self.W, self.V = rng.normal(size=(n_in, n_hidden)), rng.normal(size=(n_in, n_hidden))

    def forward(self, x):
        """x: (T, B, n_in)"""
        s, self.x, self.kept, ys = np.zeros((x.shape[1], self.W.shape[1])), x, [], []
        for xt in x:
            f, g = 1 / (1 + np.exp(-(xt @ self.W))), np.tanh(xt @ self.V)
            self.kept.append((s, f, g))
            s = f * s + g
            ys.append(s)
        return np.stack(ys)

    def backward(self, dy):
        dx = np.zeros_like(self.x)
        self.dW, self.dV = np.zeros_like(self.W), np.zeros_like(self.V)
        for t in reversed(range(len(dy))):
            s, f, g = self.kept[t]
            ds = dy[t]
            da, db = ds * s * f * (1 - f), ds * (1 - g**2)
            self.dW += self.x[t].T @ da
            self.dV += self.x[t].T @ db
            dx[t] = da @ self.W.T + db @ self.V.T
        return dx
