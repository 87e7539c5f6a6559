# Right.
import numpy as np


def gaussian(x):
    return np.exp(-(x**2))


def gaussianDerivative(x):
    return -2 * x * np.exp(-(x**2))
