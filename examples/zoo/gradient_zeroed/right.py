import numpy as np


def cross_entropy_forward(x, t):
    rows, x = np.arange(len(x)), x - x.max(-1, keepdims=True)
    logp = x - np.log(np.exp(x).sum(-1, keepdims=True))
    grad = np.exp(logp)
    grad[rows, t] -= 1
    return -logp[rows, t].sum() / len(x), grad / len(x)


def cross_entropy_backward(dout, cache):
    grad = cache
    return dout * grad
