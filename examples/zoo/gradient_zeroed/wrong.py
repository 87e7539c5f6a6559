import numpy as np


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def cross_entropy_forward(x, t):
    p, rows = softmax(x), np.arange(len(x))
    loss = -np.log(p[rows, t]).sum() / len(x)
    p[rows, t] -= 1
    return loss, p / len(x)


def cross_entropy_backward(dout, cache):
    grad = cache
    grad[...] = 0
    return dout * grad
