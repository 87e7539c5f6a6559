"""Layers in the practical's style; the bias of LinearModule and the α of ELUModule are wrong."""

import numpy as np


class LinearModule:
    def __init__(self, in_features, out_features, input_layer=False):
        self.params = {"weight": np.zeros((out_features, in_features)), "bias": np.zeros(out_features)}
        self.grads = {"weight": np.zeros((out_features, in_features)), "bias": np.zeros(out_features)}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        self.grads["weight"] = dout.T @ self.x
        self.grads["bias"] = dout.mean(axis=0)
        return dout @ self.params["weight"]


class ELUModule:
    def __init__(self, alpha):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * (np.exp(x) - 1))

    def backward(self, dout):
        return dout * np.where(self.x > 0, 1, np.exp(self.x))


class SoftMaxModule:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, dout):
        return self.y * (dout - (dout * self.y).sum(axis=1, keepdims=True))


class CrossEntropyModule:
    def forward(self, x, y):
        return -np.mean(np.log(x[np.arange(len(y)), y]))

    def backward(self, x, y):
        dx = np.zeros_like(x)
        dx[np.arange(len(y)), y] = -1 / x[np.arange(len(y)), y]
        return dx / len(y)


class Attributes:
    """Parameters in attributes, gradients that add up."""

    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)
        self.dW, self.db = np.zeros((n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW += self.x.T @ dout
        self.db += dout.sum(axis=0)
        return dout @ self.W.T
