import numpy as np


def sign(x):
    return np.sign(x)


def sign_backward(dy, x):
    return dy * np.sign(x)
