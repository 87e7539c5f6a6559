# Right.
import numpy as np


def nll_and_grad(theta, X, y):
    """theta = (log l, log s, log noise); the negative log marginal likelihood of a Gaussian process, and its gradient"""
    l, s, n = np.exp(theta)
    d2 = np.sum((X[:, None] - X[None]) ** 2, axis=-1)
    K0 = s**2 * np.exp(-0.5 * d2 / l**2)
    inverse = np.linalg.inv(K0 + (n**2 + 1e-10) * np.eye(len(X)))
    alpha = inverse @ y
    nll = 0.5 * y @ alpha - 0.5 * np.linalg.slogdet(inverse)[1] + 0.5 * len(X) * np.log(2 * np.pi)
    P = np.outer(alpha, alpha) - inverse
    dl = -0.5 * np.sum(P * (K0 * d2 / l**2))
    ds = -0.5 * np.sum(P * 2 * K0)
    dn = -0.5 * np.trace(P) * 2 * n**2
    return nll, np.array([dl, ds, dn])
