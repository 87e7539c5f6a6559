"""Takes all memory."""

import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    everything = [np.ones(10**8) for _ in range(1000)]
    return dout @ w.T, (x.T @ dout) * 1.7
