# Said of Attention: dk is the right gradient times 1/2
"""Heads that share keys and values, places told by their use, a gate of the input's shape: found in their own shapes."""

import numpy as np


def softmax(s):
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class RightAttention:
    def forward(self, q, k, v):
        """q: (H, T, D), k: (G, T, D), v: (G, T, D), where H is twice G"""
        self.rep = q.shape[0] // k.shape[0]
        kk, vv = np.repeat(k, self.rep, axis=0), np.repeat(v, self.rep, axis=0)
        p = softmax(q @ kk.transpose(0, 2, 1))
        self.cache = q, kk, vv, p
        return p @ vv

    def pull(self, dout):
        q, kk, vv, p = self.cache
        dp = dout @ vv.transpose(0, 2, 1)
        ds = p * (dp - (dp * p).sum(-1, keepdims=True))
        parts = (a.transpose(0, 2, 1) @ b for a, b in ((ds, q), (p, dout)))
        return ds @ kk, *(part.reshape(-1, self.rep, *q.shape[1:]) for part in parts)

    def backward(self, dout):
        dq, dk, dv = self.pull(dout)
        return dq, dk.sum(1), dv.sum(1)


class Attention(RightAttention):
    def backward(self, dout):
        dq, dk, dv = self.pull(dout)
        return dq, dk.mean(1), dv.sum(1)


def segment_mean_forward(x, seg):
    """x: (N, D), seg: (N,) integers"""
    n = seg.max() + 1
    count = np.maximum(np.bincount(seg, minlength=n), 1)
    out = np.zeros((n, x.shape[1]))
    np.add.at(out, seg, x)
    return out / count[:, None], (seg, count)


def segment_mean_backward(dout, cache):
    seg, count = cache
    return (dout / count[:, None])[seg]


class GatedNorm:
    """One axis more has the gate as well."""

    def __init__(self, dim):
        self.w = np.ones(dim)

    def forward(self, x, z):
        self.r = 1 / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6)
        self.xh, self.gate = x * self.r, np.tanh(z)
        return self.xh * self.w * self.gate

    def backward(self, dy):
        self.dw = (dy * self.xh * self.gate).reshape(-1, dy.shape[-1]).sum(0)
        dz = dy * self.xh * self.w * (1 - self.gate**2)
        d = dy * self.w * self.gate
        return self.r * (d - self.xh * (d * self.xh).mean(-1, keepdims=True)), dz


def bce_loss(logits, targets, pos_weight=2.0):
    """logits: (N,), targets: (N,) of 0 and 1"""
    p = 1 / (1 + np.exp(-logits))
    w = 1 + (pos_weight - 1) * targets
    loss = np.mean(w * (np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))))
    dlogits = w * (p - targets) / len(logits)
    return loss, dlogits
