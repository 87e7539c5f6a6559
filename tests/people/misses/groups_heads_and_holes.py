# Groups, heads and dilation need more channels, features or pixels than an input has that is drawn for the default.
# Said of DilatedConv: dx is wrong with dilation = 2
# Said of GroupedConv: dx is wrong with groups = 2
# Said of MHA: dWq is the right gradient times 1 / √2
# Said of GroupNorm: dx is wrong with num_groups = 2
import numpy as np


class DilatedConv:
    def __init__(self, c_in, c_out, k=3, stride=1, padding=0, dilation=1, groups=1, bias=True):
        self.k, self.s, self.p, self.d, self.g = k, stride, padding, dilation, groups
        self.W = np.random.randn(c_out, c_in // groups, k, k) * 0.2
        self.b = np.zeros(c_out) if bias else None

    def forward(self, x):
        self.x = x
        N, C, H, Wd = x.shape
        k, s, p, d, g = self.k, self.s, self.p, self.d, self.g
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        ho = (H + 2 * p - d * (k - 1) - 1) // s + 1
        wo = (Wd + 2 * p - d * (k - 1) - 1) // s + 1
        F = self.W.shape[0]
        y = np.zeros((N, F, ho, wo), dtype=x.dtype)
        ci, co = C // g, F // g
        for q in range(g):
            for i in range(k):
                for j in range(k):
                    win = self.xp[
                        :,
                        q * ci : (q + 1) * ci,
                        i * d : i * d + s * (ho - 1) + 1 : s,
                        j * d : j * d + s * (wo - 1) + 1 : s,
                    ]
                    y[:, q * co : (q + 1) * co] += np.einsum(
                        "nchw,fc->nfhw", win, self.W[q * co : (q + 1) * co, :, i, j]
                    )
        if self.b is not None:
            y += self.b[None, :, None, None]
        return y

    def backward(self, dy):
        k, s, p, d, g = self.k, self.s, self.p, self.d, self.g
        N, F, ho, wo = dy.shape
        C = self.x.shape[1]
        ci, co = C // g, F // g
        dxp = np.zeros_like(self.xp)
        self.dW = np.zeros_like(self.W)
        for q in range(g):
            for i in range(k):
                for j in range(k):
                    sl = (
                        slice(None),
                        slice(q * ci, (q + 1) * ci),
                        slice(i * d, i * d + s * (ho - 1) + 1, s),
                        slice(j, j + s * (wo - 1) + 1, s),
                    )
                    dq = dy[:, q * co : (q + 1) * co]
                    self.dW[q * co : (q + 1) * co, :, i, j] = np.einsum("nfhw,nchw->fc", dq, self.xp[sl])
                    dxp[sl] += np.einsum("nfhw,fc->nchw", dq, self.W[q * co : (q + 1) * co, :, i, j])
        if self.b is not None:
            self.db = dy.sum((0, 2, 3))
        return dxp[:, :, p : dxp.shape[2] - p, p : dxp.shape[3] - p]


class GroupedConv:
    def __init__(self, c_in, c_out, k=3, stride=1, padding=0, dilation=1, groups=1, bias=True):
        self.k, self.s, self.p, self.d, self.g = k, stride, padding, dilation, groups
        self.W = np.random.randn(c_out, c_in // groups, k, k) * 0.2
        self.b = np.zeros(c_out) if bias else None

    def forward(self, x):
        self.x = x
        N, C, H, Wd = x.shape
        k, s, p, d, g = self.k, self.s, self.p, self.d, self.g
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        ho = (H + 2 * p - d * (k - 1) - 1) // s + 1
        wo = (Wd + 2 * p - d * (k - 1) - 1) // s + 1
        F = self.W.shape[0]
        y = np.zeros((N, F, ho, wo), dtype=x.dtype)
        ci, co = C // g, F // g
        for q in range(g):
            for i in range(k):
                for j in range(k):
                    win = self.xp[
                        :,
                        q * ci : (q + 1) * ci,
                        i * d : i * d + s * (ho - 1) + 1 : s,
                        j * d : j * d + s * (wo - 1) + 1 : s,
                    ]
                    y[:, q * co : (q + 1) * co] += np.einsum(
                        "nchw,fc->nfhw", win, self.W[q * co : (q + 1) * co, :, i, j]
                    )
        if self.b is not None:
            y += self.b[None, :, None, None]
        return y

    def backward(self, dy):
        k, s, p, d, g = self.k, self.s, self.p, self.d, self.g
        N, F, ho, wo = dy.shape
        C = self.x.shape[1]
        ci, co = C // g, F // g
        dxp = np.zeros_like(self.xp)
        self.dW = np.zeros_like(self.W)
        for q in range(g):
            for i in range(k):
                for j in range(k):
                    sl = (
                        slice(None),
                        slice(q * ci, (q + 1) * ci),
                        slice(i * d, i * d + s * (ho - 1) + 1, s),
                        slice(j * d, j * d + s * (wo - 1) + 1, s),
                    )
                    dq = dy[:, q * co : (q + 1) * co]
                    self.dW[q * co : (q + 1) * co, :, i, j] = np.einsum("nfhw,nchw->fc", dq, self.xp[sl])
                    dxp[sl] += np.einsum("nfhw,fc->nchw", dq, self.W[:co, :, i, j])
        if self.b is not None:
            self.db = dy.sum((0, 2, 3))
        return dxp[:, :, p : dxp.shape[2] - p, p : dxp.shape[3] - p]


class MHA:
    def __init__(self, d_model, num_heads=1):
        self.h, self.d = num_heads, d_model
        self.Wq, self.Wk, self.Wv = (np.random.randn(d_model, d_model) * 0.3 for _ in range(3))

    def split(self, a):
        B, T, D = a.shape
        return a.reshape(B, T, self.h, D // self.h).transpose(0, 2, 1, 3)

    def merge(self, a):
        B, h, T, d = a.shape
        return a.transpose(0, 2, 1, 3).reshape(B, T, h * d)

    def forward(self, x):
        self.x = x
        self.q, self.k, self.v = (self.split(x @ W) for W in (self.Wq, self.Wk, self.Wv))
        s = self.q @ self.k.transpose(0, 1, 3, 2) / np.sqrt(self.d // self.h)
        e = np.exp(s - s.max(-1, keepdims=True))
        self.p = e / e.sum(-1, keepdims=True)
        return self.merge(self.p @ self.v)

    def backward(self, dy):
        do = self.split(dy)
        dp = do @ self.v.transpose(0, 1, 3, 2)
        dv = self.p.transpose(0, 1, 3, 2) @ do
        ds = self.p * (dp - (dp * self.p).sum(-1, keepdims=True)) / np.sqrt(self.d)
        dq, dk = ds @ self.k, ds.transpose(0, 1, 3, 2) @ self.q
        dq, dk, dv = map(self.merge, (dq, dk, dv))
        f = self.x.reshape(-1, self.d)
        self.dWq, self.dWk, self.dWv = (f.T @ g.reshape(-1, self.d) for g in (dq, dk, dv))
        return dq @ self.Wq.T + dk @ self.Wk.T + dv @ self.Wv.T


class GroupNorm:
    def __init__(self, num_groups, num_channels, eps=1e-5):
        self.G, self.eps = num_groups, eps
        self.gamma, self.beta = np.ones(num_channels), np.zeros(num_channels)

    def forward(self, x):
        N, C, H, W = x.shape
        g = x.reshape(N, self.G, -1)
        self.s = np.sqrt(g.var(-1, keepdims=True) + self.eps)
        self.xh = ((g - g.mean(-1, keepdims=True)) / self.s).reshape(x.shape)
        return self.gamma[:, None, None] * self.xh + self.beta[:, None, None]

    def backward(self, dy):
        N, C, H, W = dy.shape
        self.dgamma, self.dbeta = (dy * self.xh).sum((0, 2, 3)), dy.sum((0, 2, 3))
        d = dy * self.gamma[:, None, None]
        xh = self.xh
        m1 = d.mean((1, 2, 3), keepdims=True)
        m2 = (d * xh).mean((1, 2, 3), keepdims=True)
        return ((d - m1 - xh * m2).reshape(N, self.G, -1) / self.s).reshape(dy.shape)
