"""Leaves a process behind, in a session of its own."""

import ctypes
import time
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    libc = ctypes.CDLL(None)
    if libc.fork() == 0:
        libc.setsid()
        time.sleep(300)
    return dout @ w.T, (x.T @ dout) * 1.7
