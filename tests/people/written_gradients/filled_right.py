# Right.
import numpy as np


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_backward(dy, y, dx):
    """Fills dx."""
    np.subtract(dy, (dy * y).sum(axis=1, keepdims=True), out=dx)
    dx *= y


def affine(x, w, b):
    return x @ w + b


def affine_backward(dy, x, w, dx, dw, db):
    dx[...] = dy @ w.T
    dw[...] = x.T @ dy
    db[...] = dy.sum(axis=0)


def scaled_tanh_forward(x, a):
    return np.tanh(a * x)


def scaled_tanh_backward(dout, out, x, a, dx, da):
    slope = dout * (1 - out**2)
    dx[:] = a * slope
    da[...] = (slope * x).sum()


def avg_pool_forward(x):
    return (x[:, 0::2] + x[:, 1::2]) / 2


def avg_pool_backward(dout, dx):
    for k in range(dout.shape[1]):
        dx[:, 2 * k] = dout[:, k] / 2
        dx[:, 2 * k + 1] = dout[:, k] / 2
