"""A student's layer normalisation, for its lines are named in what is said."""

import numpy as np


def forward(X, gamma, beta):
    mu = X.mean(axis=1, keepdims=True)
    var = ((X - mu) ** 2).mean(axis=1, keepdims=True)
    sigma = np.sqrt(var + 1e-5)
    Xhat = (X - mu) / sigma
    return gamma * Xhat + beta


def backward(dY, X, gamma, beta):
    sigma = np.sqrt(X.var(axis=1, keepdims=True) + 1e-5)
    Xhat = (X - X.mean(axis=1, keepdims=True)) / sigma
    G = dY * gamma
    dX = (G - mean(G) - Xhat * mean(G * Xhat)) / sigma
    return {"X": dX, "gamma": (dY * Xhat).sum(axis=0), "beta": dY.sum(axis=0)}


def mean(A):
    return A.mean(axis=1, keepdims=True)
