# Wrong: layernorm_vjp: the mean is taken as constant.
import numpy as np


def layernorm(x, gamma, beta):
    mu = x.mean(axis=1, keepdims=True)
    sd = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    return gamma * (x - mu) / sd + beta


def layernorm_vjp(dy, x, gamma, beta):
    mu = x.mean(axis=1, keepdims=True)
    sd = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    hat = (x - mu) / sd
    dhat = dy * gamma
    dx = (dhat - hat * (dhat * hat).mean(axis=1, keepdims=True)) / sd
    return dx, (dy * hat).sum(axis=0), dy.sum(axis=0)
