# Right.
import numpy as np


def flash_forward(q, k, v, causal=False, scale=None):
    """q, k, v: (B, T, D)."""
    d = q.shape[-1]
    scale = d**-0.5 if scale is None else scale
    s = scale * q @ k.transpose(0, 2, 1)
    if causal:
        s = np.where(np.tril(np.ones(s.shape[-2:], bool)), s, -np.inf)
    m = s.max(-1, keepdims=True)
    lse = m + np.log(np.exp(s - m).sum(-1, keepdims=True))
    o = np.exp(s - lse) @ v
    return o, (q, k, v, o, lse, causal, scale)


def flash_backward(do, cache):
    q, k, v, o, lse, causal, scale = cache
    s = scale * q @ k.transpose(0, 2, 1)
    if causal:
        s = np.where(np.tril(np.ones(s.shape[-2:], bool)), s, -np.inf)
    p = np.exp(s - lse)
    dv = p.transpose(0, 2, 1) @ do
    dp = do @ v.transpose(0, 2, 1)
    delta = (do * o).sum(-1, keepdims=True)
    ds = p * (dp - delta)
    dq = scale * ds @ k
    dk = scale * ds.transpose(0, 2, 1) @ q
    return dq, dk, dv
