# Right.
import numpy as np


class RandomProjection:
    """Fixed random features: Y = X Q W."""

    def __init__(self, d_in, d_hidden, d_out, seed=0):
        rng = np.random.default_rng(seed)
        self.Q = rng.normal(size=(d_in, d_hidden)) / np.sqrt(d_in)  # fixed, not trained
        self.W = rng.normal(size=(d_hidden, d_out)) * 0.1

    def forward(self, X):
        self.H = X @ self.Q
        return self.H @ self.W

    def backward(self, dY):
        self.dW = self.H.T @ dY
        return dY @ self.W.T @ self.Q.T
