"""Calls itself for ever."""

import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    import sys

    sys.setrecursionlimit(10**9)
    return linear_backward(dout, x, w)
    return dout @ w.T, (x.T @ dout) * 1.7
