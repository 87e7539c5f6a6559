# Right.
import numpy as np


def elu(x, alpha=1.3):
    return np.where(x > 0, x, alpha * (np.exp(np.minimum(x, 0)) - 1))


def d_elu(x, alpha=1.3):
    return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0)))


def cube(x):
    return x**3


def deriv_cube(x):
    return 3 * x**2
