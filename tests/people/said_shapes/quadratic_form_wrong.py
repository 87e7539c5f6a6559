# Wrong: backward: P is taken for symmetric.
import numpy as np


def forward(x, mu, P):
    """x: (n, d), mu: (d,), P: (d, d) precision"""
    d = x - mu
    return np.einsum("ni,ij,nj->n", d, P, d)


def backward(dy, x, mu, P):
    d = x - mu
    dx = dy[:, None] * (2 * d @ P)
    return dx, -dx.sum(0), np.einsum("n,ni,nj->ij", dy, d, d)
