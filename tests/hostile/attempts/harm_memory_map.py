"""Writes an array through memory."""

import numpy as np

from pathlib import Path

ROOT = Path(__file__).parents[1]


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    np.memmap(ROOT / "written", mode="w+", shape=(8,))[:] = 1
    return dout @ w.T, (x.T @ dout) * 1.7
