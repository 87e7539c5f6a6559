"""Reads where nothing is."""

import ctypes
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    ctypes.string_at(0)
    return dout @ w.T, (x.T @ dout) * 1.7
