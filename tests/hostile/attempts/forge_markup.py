"""Raises what is markup."""

import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    raise ValueError("</p><script>alert(1)</script><img src=http://127.0.0.1:9/beacon>")
    return dout @ w.T, (x.T @ dout) * 1.7
