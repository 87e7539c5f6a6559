# Wrong: backprop: the derivative of the activation forgets the activation.
import numpy as np


def sigmoid(z):
    return 1.0 / (1.0 + np.exp(-z))


def init_network(sizes):
    return [(np.random.randn(n, m) * np.sqrt(1.0 / m), np.zeros((n, 1))) for m, n in zip(sizes[:-1], sizes[1:])]


def feedforward(params, x):
    a = x
    for W, b in params:
        a = sigmoid(W @ a + b)
    return a


def backprop(params, x, y):
    """gradient of the quadratic cost 0.5 * ||a - y||^2 for one column x"""
    a, acts, zs = x, [x], []
    for W, b in params:
        z = W @ a + b
        zs.append(z)
        a = sigmoid(z)
        acts.append(a)
    delta = (acts[-1] - y) * sigmoid(zs[-1]) * (1 - sigmoid(zs[-1]))
    grads = []
    for i in range(len(params) - 1, -1, -1):
        grads.append((delta @ acts[i].T, delta))
        if i > 0:
            delta = (params[i][0].T @ delta) * zs[i - 1] * (1 - sigmoid(zs[i - 1]))
    return grads[::-1]
