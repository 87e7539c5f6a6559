import numpy as np


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def losses(x, t):
    p, n = softmax(x), len(x)
    return (0.5 * x**2).sum() / n - np.log(p[np.arange(n), t]).sum() / n


def losses_backward(dy, x, t):
    return dy * x / len(x)
