import numpy as np

POSITIVE = 3.0


def bce(x, t):
    w = 1 + (POSITIVE - 1) * t
    return (1 - t) * x + w * np.log1p(np.exp(-x))


def bce_backward(dy, x, t):
    sigmoid = 1 / (1 + np.exp(-x))
    w = 1 + (POSITIVE - 1) * t
    return dy * ((1 - t) - w * (1 - sigmoid))
