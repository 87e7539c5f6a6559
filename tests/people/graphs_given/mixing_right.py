# Right.
import numpy as np


class Mixing:
    """Y = S X with a fixed kernel S between places, and a gain for each feature."""

    def __init__(self, S, features):
        self.S = S / S.max()
        self.gain = np.ones(features)

    def forward(self, X):
        self.mixed = self.S @ X
        return self.mixed * self.gain

    def backward(self, dY):
        self.dgain = (dY * self.mixed).sum(axis=0)
        return self.S.T @ (dY * self.gain)
