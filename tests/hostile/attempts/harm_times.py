"""Changes the times of a file."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    os.utime(ROOT / "victim", (1, 1))
    return dout @ w.T, (x.T @ dout) * 1.7
