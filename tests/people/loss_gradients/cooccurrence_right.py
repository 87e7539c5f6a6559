# Right.
import numpy as np


def glove_cost_and_grads(W, V, b_w, b_v, X, x_max=100, alpha=0.75):
    """Weighted least squares of counts.

    W: (n, d) word vectors, V: (n, d) context vectors, b_w, b_v: (n,), X: (n, n) counts of co-occurrence
    """
    f = np.where(X < x_max, (X / x_max) ** alpha, 1.0)
    diff = W @ V.T + b_w[:, None] + b_v[None, :] - np.log(X)
    cost = 0.5 * np.sum(f * diff**2)
    g = f * diff
    return cost, g @ V, g.T @ W, g.sum(axis=1), g.sum(axis=0)
