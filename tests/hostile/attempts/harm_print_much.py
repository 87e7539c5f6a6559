"""Prints 64 MB."""

import os
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    for _ in range(64):
        os.write(2, b"x" * (1 << 20))
    os._exit(0)
    return dout @ w.T, (x.T @ dout) * 1.7
