"""Prints the hand-in of another."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    print((Path(__file__).parent / "neighbour.py").read_text())
    return dout @ w.T, (x.T @ dout) * 1.7
