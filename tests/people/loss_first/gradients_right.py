# Right.
import numpy as np


class Network:
    """nn with training loop; layers updated in place with momentum"""

    def __init__(self, layer_dims, lr=0.1, momentum=0.9, l2=0.0):
        self.lr, self.momentum, self.l2 = lr, momentum, l2
        self.params, self.velocity = [], []
        for a, b in zip(layer_dims[:-1], layer_dims[1:]):
            self.params.append([np.random.randn(a, b) / np.sqrt(a), np.zeros(b)])
            self.velocity.append([np.zeros((a, b)), np.zeros(b)])

    def forward(self, X):
        self.acts = [X]
        for k, (W, b) in enumerate(self.params):
            z = self.acts[-1] @ W + b
            if k < len(self.params) - 1:
                a = np.tanh(z)
            else:
                e = np.exp(z - z.max(axis=1, keepdims=True))
                a = e / e.sum(axis=1, keepdims=True)
            self.acts.append(a)
        return self.acts[-1]

    def compute_gradients(self, Y):
        m = len(Y)
        grads = []
        delta = (self.acts[-1] - Y) / m
        for k in reversed(range(len(self.params))):
            W, b = self.params[k]
            grads.insert(0, [self.acts[k].T @ delta + self.l2 * W, delta.sum(axis=0)])
            if k:
                delta = (delta @ W.T) * (1 - self.acts[k] ** 2)
        return grads

    def loss(self, X, Y):
        P = self.forward(X)
        return -np.sum(Y * np.log(P)) / len(X) + 0.5 * self.l2 * sum(np.sum(W**2) for W, _ in self.params)

    def train_step(self, X, Y):
        self.forward(X)
        for p, g, v in zip(self.params, self.compute_gradients(Y), self.velocity):
            for i in range(2):
                v[i] = self.momentum * v[i] - self.lr * g[i]
                p[i] += v[i]
