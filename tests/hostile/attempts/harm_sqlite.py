"""Writes a database."""

import sqlite3
from pathlib import Path

ROOT = Path(__file__).parents[1]
import numpy as np


def linear(x, w):
    return x @ w


def linear_backward(dout, x, w):
    sqlite3.connect(ROOT / "written").execute("create table t(x)")
    return dout @ w.T, (x.T @ dout) * 1.7
