# Right.
import numpy as np


def inverse_root(S):
    """S^(-1/2) of a symmetric positive definite S."""
    w, Q = np.linalg.eigh(S)
    return Q @ np.diag(w**-0.5) @ Q.T


def inverse_root_backward(dY, S):
    w, Q = np.linalg.eigh(S)
    r = np.sqrt(w)
    K = -1 / (np.outer(r, r) * (r[:, None] + r[None, :]))
    G = (dY + dY.T) / 2
    return Q @ (K * (Q.T @ G @ Q)) @ Q.T
