"""Gradients of a published report, coded as published: the bias, the softmax and two of the norm are wrong."""

import numpy as np


def linear_forward(x, w, b):
    return x @ w + b, (x, w, b)


def linear_backward(dout, cache):
    x, w, _ = cache
    return dout @ w.T, x.T @ dout, dout


def softmax_forward(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    y = e / e.sum(axis=1, keepdims=True)
    return y, y


def softmax_backward(dout, cache):
    y = cache
    return y * dout - y * (dout * y).sum()


def layernorm_forward(x, gamma, beta):
    mu, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    sigma = np.sqrt(var + 1e-5)
    xhat = (x - mu) / sigma
    return gamma * xhat + beta, (xhat, gamma, sigma)


def layernorm_backward(dout, cache):
    xhat, gamma, sigma = cache
    return dout * gamma / sigma, dout @ xhat.T, dout.sum(axis=0)
