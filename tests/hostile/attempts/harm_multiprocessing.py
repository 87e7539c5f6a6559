"""Starts a process of its own."""

import multiprocessing
from pathlib import Path

ROOT = Path(__file__).parents[1]
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    process = multiprocessing.get_context("fork").Process(target=(ROOT / "written").touch)
    process.start()
    process.join()
    return dout @ w.T, (x.T @ dout) * 1.7
