import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gated_norm(x, z):
    rstd = 1 / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)
    return x * rstd * sigmoid(z)


def gated_norm_backward(dy, x, z):
    gate = sigmoid(z)
    rstd = 1 / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5)
    xhat = x * rstd
    g = dy * gate
    dx, dz = rstd * (g - xhat * (g * xhat).mean(-1, keepdims=True)), np.zeros_like(z)
    dx = dy * xhat * gate * (1 - gate)
    return dx, dz
