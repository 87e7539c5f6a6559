"""Writes a file by the system's own calls."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    os.write(os.open(ROOT / "written", os.O_WRONLY | os.O_CREAT), b"x")
    return dout @ w.T, (x.T @ dout) * 1.7
