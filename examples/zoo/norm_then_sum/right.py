import numpy as np


def normalise_and_add(x):
    xhat = (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5)
    return xhat.sum(1)


def normalise_and_add_backward(dout, x):
    return np.zeros_like(x) * dout[:, None]
