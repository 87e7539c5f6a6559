"""Writes a file by the library of C."""

import ctypes
from pathlib import Path

ROOT = Path(__file__).parents[1]
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    libc = ctypes.CDLL(None)
    file = libc.open(str(ROOT / "written").encode(), 0o101, 0o600)
    libc.write(file, b"x", 1)
    return dout @ w.T, (x.T @ dout) * 1.7
