# Right.
import numpy as np


class MultiHeadAttention:
    def __init__(self, d_model=8, n_heads=2):
        self.d_model, self.n_heads = d_model, n_heads
        self.d_head = d_model // n_heads
        s = 1 / np.sqrt(d_model)
        self.W_q = np.random.randn(d_model, d_model) * s
        self.W_k = np.random.randn(d_model, d_model) * s
        self.W_v = np.random.randn(d_model, d_model) * s
        self.W_o = np.random.randn(d_model, d_model) * s

    def _split(self, x):
        B, T, D = x.shape
        return x.reshape(B, T, self.n_heads, self.d_head).transpose(0, 2, 1, 3)

    def _merge(self, x):
        B, H, T, d = x.shape
        return x.transpose(0, 2, 1, 3).reshape(B, T, H * d)

    def forward(self, x):
        self.x = x
        self.q, self.k, self.v = (self._split(x @ W) for W in (self.W_q, self.W_k, self.W_v))
        scores = self.q @ self.k.transpose(0, 1, 3, 2) / np.sqrt(self.d_head)
        scores = scores - scores.max(-1, keepdims=True)
        e = np.exp(scores)
        self.att = e / e.sum(-1, keepdims=True)
        self.ctx = self._merge(self.att @ self.v)
        return self.ctx @ self.W_o

    def backward(self, dout):
        self.dW_o = np.einsum("btd,bte->de", self.ctx, dout)
        dctx = self._split(dout @ self.W_o.T)
        datt = dctx @ self.v.transpose(0, 1, 3, 2)
        dv = self.att.transpose(0, 1, 3, 2) @ dctx
        ds = self.att * (datt - (datt * self.att).sum(-1, keepdims=True)) / np.sqrt(self.d_head)
        dq = ds @ self.k
        dk = ds.transpose(0, 1, 3, 2) @ self.q
        dq, dk, dv = map(self._merge, (dq, dk, dv))
        self.dW_q = np.einsum("btd,bte->de", self.x, dq)
        self.dW_k = np.einsum("btd,bte->de", self.x, dk)
        self.dW_v = np.einsum("btd,bte->de", self.x, dv)
        return dq @ self.W_q.T + dk @ self.W_k.T + dv @ self.W_v.T
