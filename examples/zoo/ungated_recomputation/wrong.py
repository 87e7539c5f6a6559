import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def gated_linear(x, g, w):
    return (x * g * sigmoid(g)) @ w


def gated_linear_backward(dy, x, g, w):
    s, dh = sigmoid(g), dy @ w.T
    return dh * g * s, dh * x * s * (1 + g * (1 - s)), x.T @ dy
