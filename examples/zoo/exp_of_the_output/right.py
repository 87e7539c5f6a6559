import numpy as np


def exp_forward(x):
    out = np.exp(x)
    return out, out


def exp_backward(dout, cache):
    return cache * dout
