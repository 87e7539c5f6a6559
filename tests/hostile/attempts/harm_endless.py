"""Never returns."""

import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    while True:
        pass
    return dout @ w.T, (x.T @ dout) * 1.7
