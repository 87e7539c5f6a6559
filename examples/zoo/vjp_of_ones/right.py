import numpy as np


def project(x, w):
    return np.tanh(x @ w)


def project_backward(dy, x, w):
    y = np.tanh(x @ w)
    return (dy * (1 - y**2)) @ w.T, x.T @ (dy * (1 - y**2))
