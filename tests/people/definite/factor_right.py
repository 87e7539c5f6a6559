# Right.
import numpy as np


def cholesky_forward(A):
    return np.linalg.cholesky(A)


def cholesky_backward(dL, A):
    """Murray 2016: dA of L = cholesky(A), in the lower half as the factorization reads it."""
    L = np.linalg.cholesky(A)
    Phi = np.tril(L.T @ dL)
    Phi[np.diag_indices_from(Phi)] /= 2
    inverse = np.linalg.inv(L)
    S = inverse.T @ Phi @ inverse
    both = S + S.T
    return np.tril(both) - np.diag(np.diag(S))
