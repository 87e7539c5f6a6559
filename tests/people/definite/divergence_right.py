# Right.
import numpy as np


def kl_forward(mu0, cov0, mu1, cov1):
    """KL(N(mu0, cov0) || N(mu1, cov1)); mu0, mu1: (d,), cov0, cov1: (d, d)."""
    inv1 = np.linalg.inv(cov1)
    diff = mu1 - mu0
    trace, maha = np.trace(inv1 @ cov0), diff @ inv1 @ diff
    logs = np.linalg.slogdet(cov1)[1] - np.linalg.slogdet(cov0)[1]
    cache = (diff, cov0, inv1)
    return 0.5 * (trace + maha - len(mu0) + logs), cache


def kl_backward(dout, cache):
    diff, cov0, inv1 = cache
    step = inv1 @ diff
    dcov0 = 0.5 * (inv1 - np.linalg.inv(cov0))
    dcov1 = 0.5 * (inv1 - inv1 @ cov0 @ inv1 - np.outer(step, step))
    return -dout * step, dout * dcov0, dout * step, dout * dcov1
