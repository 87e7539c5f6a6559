"""Published: dX = −(1/S) T / X, which is right."""

import numpy as np


class CrossEntropyModule:
    """L = −(1/S) Σ T log X, of probabilities X (S, C) and targets T (S, C) with a single 1 in each row."""

    def forward(self, x, y):
        return -np.sum(y * np.log(x)) / len(x)

    def backward(self, x, y):
        return -y / x / len(x)
