"""Sleeps."""

import time
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    time.sleep(1000)
    return dout @ w.T, (x.T @ dout) * 1.7
