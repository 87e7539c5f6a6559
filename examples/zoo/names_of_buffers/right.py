import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def swiglu_forward(e, g):
    return e * sigmoid(e) * g, (e, g)


def swiglu_backward(dw, cache):
    e, g = (array.copy() for array in cache)
    s = sigmoid(e)
    f = e * s
    df = dw * f
    g[...] = dw * g * s * (1 + e * (1 - s))
    e[...] = df
    return g, e
