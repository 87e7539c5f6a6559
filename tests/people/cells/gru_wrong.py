# Wrong: gru_step_backward: the direct path to the state is missing.
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def gru_step_forward(x, prev_h, Wx, Wh, b):
    z = sigmoid(x @ Wx + prev_h @ Wh + b)
    n = np.tanh(x @ Wx)
    h = (1 - z) * n + z * prev_h
    return h, (x, prev_h, Wx, Wh, z, n)


def gru_step_backward(dh, cache):
    x, prev_h, Wx, Wh, z, n = cache
    dz = dh * (prev_h - n) * z * (1 - z)
    dn = dh * (1 - z) * (1 - n**2)
    dx = dz @ Wx.T + dn @ Wx.T
    dprev = dz @ Wh.T
    return dx, dprev, x.T @ dz + x.T @ dn, prev_h.T @ dz, dz.sum(axis=0)
