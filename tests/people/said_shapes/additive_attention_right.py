# Right.
import numpy as np


class BahdanauAttention:
    def __init__(self, query_dim, key_dim, hidden):
        self.Wq = np.random.randn(query_dim, hidden) * 0.1
        self.Wk = np.random.randn(key_dim, hidden) * 0.1
        self.v = np.random.randn(hidden) * 0.1

    def forward(self, query, keys):
        """query: (B, query_dim), keys: (B, T, key_dim)"""
        self.query, self.keys = query, keys
        self.t = np.tanh((query @ self.Wq)[:, None, :] + keys @ self.Wk)
        e = self.t @ self.v
        e = np.exp(e - e.max(1, keepdims=True))
        self.a = e / e.sum(1, keepdims=True)
        return (self.a[..., None] * keys).sum(1)

    def backward(self, dc):
        da = (dc[:, None, :] * self.keys).sum(-1)
        de = self.a * (da - (da * self.a).sum(1, keepdims=True))
        self.dv = (de[..., None] * self.t).sum((0, 1))
        dt = de[..., None] * self.v * (1 - self.t**2)
        self.dWk = np.einsum("btk,bth->kh", self.keys, dt)
        s = dt.sum(1)
        self.dWq = self.query.T @ s
        dkeys = self.a[..., None] * dc[:, None, :] + dt @ self.Wk.T
        return s @ self.Wq.T, dkeys
