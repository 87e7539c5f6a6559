# Right.
import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def cost(theta, X, y, lam):
    h = sigmoid(X @ theta)
    m = len(y)
    return -(y @ np.log(h) + (1 - y) @ np.log(1 - h)) / m + lam / (2 * m) * (theta[1:] @ theta[1:])


def gradient(theta, X, y, lam):
    h = sigmoid(X @ theta)
    m = len(y)
    g = X.T @ (h - y) / m
    g[1:] += lam / m * theta[1:]
    return g
