import numpy as np


def exponent(d, a):
    return -0.5 * np.einsum("gi,gij,gj->g", d, a, d)


def exponent_backward(dy, d, a):
    dd = -0.5 * dy[:, None] * (np.einsum("gij,gj->gi", a, d) + np.einsum("gji,gj->gi", a, d))
    return dd, -0.5 * dy[:, None, None] * d[:, :, None] * d[:, None, :]
