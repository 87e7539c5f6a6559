"""Asks a server."""

import urllib.request

PORT = 0  # the test's own
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=2)
    return dout @ w.T, (x.T @ dout) * 1.7
