import numpy as np


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def divergence(z, q):
    p = softmax(z)
    return (p * (np.log(p) - np.log(softmax(q)))).sum(-1)


def divergence_backward(dy, z, q):
    p, r = softmax(z), softmax(q)
    inside = p - p * p.sum(-1, keepdims=True)
    return dy[..., None] * inside, dy[..., None] * (r - p)
