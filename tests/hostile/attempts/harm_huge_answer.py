"""Returns an array that fills all memory."""

import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    return np.broadcast_to(0.0, (10**6, 10**6)), np.broadcast_to(0.0, (10**6, 10**6))
    return dout @ w.T, (x.T @ dout) * 1.7
