# Right.
import numpy as np


def mha_forward(x, Wq, Wk, Wv, Wo, n_heads=2):
    """x (B, T, D); Wq, Wk, Wv, Wo (D, D)"""
    B, T, D = x.shape
    H, d = n_heads, D // n_heads

    def heads(a):
        return a.reshape(B, T, H, d).transpose(0, 2, 1, 3)

    q, k, v = heads(x @ Wq), heads(x @ Wk), heads(x @ Wv)
    s = np.einsum("bhid,bhjd->bhij", q, k) / np.sqrt(d)
    p = np.exp(s - s.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    o = np.einsum("bhij,bhjd->bhid", p, v).transpose(0, 2, 1, 3).reshape(B, T, D)
    return o @ Wo, (x, Wq, Wk, Wv, Wo, q, k, v, p, o, H, d)


def mha_backward(dy, cache):
    x, Wq, Wk, Wv, Wo, q, k, v, p, o, H, d = cache
    B, T, D = x.shape

    def merge(a):
        return a.transpose(0, 2, 1, 3).reshape(B, T, D)

    dWo = np.einsum("btc,btd->cd", o, dy)
    do = (dy @ Wo.T).reshape(B, T, H, d).transpose(0, 2, 1, 3)
    dv = np.einsum("bhij,bhid->bhjd", p, do)
    dp = np.einsum("bhid,bhjd->bhij", do, v)
    ds = p * (dp - np.sum(p * dp, axis=-1, keepdims=True)) / np.sqrt(d)
    dq = merge(np.einsum("bhij,bhjd->bhid", ds, k))
    dk = merge(np.einsum("bhij,bhid->bhjd", ds, q))
    dv = merge(dv)
    dWq, dWk, dWv = (np.einsum("btc,btd->cd", x, g) for g in (dq, dk, dv))
    return dq @ Wq.T + dk @ Wk.T + dv @ Wv.T, dWq, dWk, dWv, dWo
