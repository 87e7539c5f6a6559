# Right.
import numpy as np


def gaussian_nll(mu, Sigma, X):
    """Negative log likelihood of the rows of X, and its gradients with respect to mean and covariance."""
    n, d = X.shape
    L = np.linalg.cholesky(Sigma)
    diff = X - mu
    z = np.linalg.solve(L, diff.T)
    loss = 0.5 * np.sum(z**2) + n * np.sum(np.log(np.diag(L))) + 0.5 * n * d * np.log(2 * np.pi)
    P = np.linalg.inv(Sigma)
    S = diff.T @ diff
    dmu = -P @ diff.sum(axis=0)
    dSigma = 0.5 * (n * P - P @ S @ P)
    return loss, dmu, dSigma
