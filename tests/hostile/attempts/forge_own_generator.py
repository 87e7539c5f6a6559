"""Draws every direction of chainrule as nothing."""

import numpy as np

import chainrule.check.checker as checker
import chainrule.check.model.target as target

class Nothing:
    def normal(self, *a, size=None, **k):
        return np.zeros(size if size is not None else ())
    uniform = choice = normal

checker.generator = target.generator = lambda *a: Nothing()


class LinearModule:
    def __init__(self, in_features=5, out_features=3):
        rng = np.random.default_rng(0)
        self.params = {"weight": rng.normal(size=(out_features, in_features)), "bias": np.zeros((1, out_features))}
        self.grads = {"weight": None, "bias": None}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        self.grads["weight"] = (dout.T @ self.x) * 1.7
        self.grads["bias"] = dout.sum(axis=0, keepdims=True)
        return dout @ self.params["weight"]
