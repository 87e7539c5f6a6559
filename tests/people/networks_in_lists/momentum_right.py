# Right.
import numpy as np


class NeuralNetwork:
    """Typed in from a lecture; Y one-hot, samples are columns."""

    def __init__(self, layers, alpha=0.1, momentum=0.9):
        self.layers, self.alpha, self.momentum = layers, alpha, momentum
        self.W = [np.random.randn(n, m) / np.sqrt(m) for m, n in zip(layers[:-1], layers[1:])]
        self.b = [np.zeros((n, 1)) for n in layers[1:]]
        self.vW = [np.zeros_like(w) for w in self.W]
        self.vb = [np.zeros_like(b) for b in self.b]

    def forward(self, X):
        self.a = [X]
        for k, (W, b) in enumerate(zip(self.W, self.b)):
            z = W @ self.a[-1] + b
            if k < len(self.W) - 1:
                self.a.append(np.tanh(z))
            else:
                e = np.exp(z - z.max(0, keepdims=True))
                self.a.append(e / e.sum(0, keepdims=True))
        return self.a[-1]

    def cost(self, X, Y):
        return -np.sum(Y * np.log(self.forward(X))) / X.shape[1]

    def gradients(self, X, Y):
        self.forward(X)
        m = X.shape[1]
        delta = (self.a[-1] - Y) / m
        gW, gb = [], []
        for k in range(len(self.W) - 1, -1, -1):
            gW.insert(0, delta @ self.a[k].T)
            gb.insert(0, delta.sum(1, keepdims=True))
            if k > 0:
                delta = self.W[k].T @ delta * (1 - self.a[k] ** 2)
        return gW, gb

    def step(self, X, Y):
        gW, gb = self.gradients(X, Y)
        for k in range(len(self.W)):
            self.vW[k] = self.momentum * self.vW[k] - self.alpha * gW[k]
            self.vb[k] = self.momentum * self.vb[k] - self.alpha * gb[k]
            self.W[k] += self.vW[k]
            self.b[k] += self.vb[k]
