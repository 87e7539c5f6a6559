# Wrong: logistic_loss: (1 − p) is missing.
import numpy as np


def logistic_loss(theta, X, y, reg=0.0):
    p = 1 / (1 + np.exp(-(X @ theta)))
    loss = np.mean((p - 0.3) ** 2) + 0.5 * reg * np.sum(theta**2)
    grad = X.T @ (2 * (p - 0.3) * p) / p.size + reg * theta
    return loss, grad
