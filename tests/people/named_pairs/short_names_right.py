# Right.
import numpy as np


def fc_fwd(x, w, b):
    return x.dot(w) + b, (x, w)


def fc_bwd(dy, ctx):
    x, w = ctx
    return dy.dot(w.T), x.T.dot(dy), dy.sum(0)


def relu_fwd(x):
    return np.maximum(x, 0), x > 0


def relu_bwd(dy, m):
    return dy * m


def softmax_xent_fwd(z, y):
    z = z - z.max(1, keepdims=True)
    lse = np.log(np.exp(z).sum(1))
    n = len(y)
    return (lse - z[np.arange(n), y]).mean(), (z, lse, y)


def softmax_xent_bwd(dl, ctx):
    z, lse, y = ctx
    p = np.exp(z - lse[:, None])
    p[np.arange(len(y)), y] -= 1
    return dl * p / len(y)


def ln_fwd(x, g, b, eps=1e-5):
    mu = x.mean(-1, keepdims=True)
    inv = 1 / np.sqrt(x.var(-1, keepdims=True) + eps)
    xh = (x - mu) * inv
    return xh * g + b, (xh, inv, g)


def ln_bwd(dy, ctx):
    xh, inv, g = ctx
    dxh = dy * g
    dx = inv * (dxh - dxh.mean(-1, keepdims=True) - xh * (dxh * xh).mean(-1, keepdims=True))
    return dx, (dy * xh).sum(0), dy.sum(0)
