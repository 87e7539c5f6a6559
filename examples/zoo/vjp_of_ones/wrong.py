import numpy as np


def project(x, w):
    return np.tanh(x @ w)


def project_backward(dy, x, w):
    y = np.tanh(x @ w)
    ones = np.ones_like(y)
    return (ones * (1 - y**2)) @ w.T * dy.sum(1, keepdims=True), x.T @ (dy * (1 - y**2))
