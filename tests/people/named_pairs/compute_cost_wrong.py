# Wrong: compute_gradient: not divided by m.
import numpy as np


def compute_cost(X, y, w, b):
    m = X.shape[0]
    e = X @ w + b - y
    return (e @ e) / (2 * m)


def compute_gradient(X, y, w, b):
    m = X.shape[0]
    e = X @ w + b - y
    dj_dw = X.T @ e / m
    dj_db = e.sum()
    return dj_db, dj_dw
