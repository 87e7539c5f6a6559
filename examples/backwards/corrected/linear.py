"""Corrected: every sample uses the same bias, so its gradient is summed over them."""

import numpy as np


class LinearModule:
    """Y = X Wᵀ + 1 bᵀ, with X (S, M), W (N, M) and b (N)."""

    def __init__(self, in_features, out_features):
        self.params = {"weight": np.zeros((out_features, in_features)), "bias": np.zeros(out_features)}
        self.grads = {"weight": np.zeros((out_features, in_features)), "bias": np.zeros(out_features)}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        self.grads["weight"] = dout.T @ self.x
        self.grads["bias"] = dout.sum(axis=0)
        return dout @ self.params["weight"]
