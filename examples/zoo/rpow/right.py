import numpy as np

BASE = 3.0


def rpow(x):
    return BASE**x


def rpow_backward(dy, x):
    return dy * BASE**x * np.log(BASE)
