# What goes through the sequence backwards is added up the wrong way round.
# Said of BiRNN: With `dxf + dxb[:, ::-1]` in place of `dxf + dxb`
import numpy as np


class BiRNN:
    """x: (B, T, I); merge: 'concat' or 'sum'."""

    def __init__(self, n_in, n_hidden, merge="concat"):
        g = np.random.default_rng(1)
        self.params = {
            "Wf": g.normal(size=(n_in, n_hidden)),
            "Uf": g.normal(size=(n_hidden, n_hidden)) * 0.5,
            "Wb": g.normal(size=(n_in, n_hidden)),
            "Ub": g.normal(size=(n_hidden, n_hidden)) * 0.5,
        }
        self.merge = merge
        self.grads = {}

    def _run(self, x, W, U):
        h = np.zeros((x.shape[0], x.shape[1] + 1, W.shape[1]))
        for t in range(x.shape[1]):
            h[:, t + 1] = np.tanh(x[:, t] @ W + h[:, t] @ U)
        return h

    def _back(self, dh, x, h, W, U):
        dW, dU, dx = np.zeros_like(W), np.zeros_like(U), np.zeros_like(x)
        nxt = np.zeros_like(h[:, 0])
        for t in range(x.shape[1] - 1, -1, -1):
            da = (dh[:, t] + nxt) * (1 - h[:, t + 1] ** 2)
            dW += x[:, t].T @ da
            dU += h[:, t].T @ da
            dx[:, t] = da @ W.T
            nxt = da @ U.T
        return dx, dW, dU

    def forward(self, x):
        p = self.params
        self.x = x
        self.hf = self._run(x, p["Wf"], p["Uf"])
        self.hb = self._run(x[:, ::-1], p["Wb"], p["Ub"])
        f, b = self.hf[:, 1:], self.hb[:, 1:][:, ::-1]
        return np.concatenate([f, b], axis=2) if self.merge == "concat" else f + b

    def backward(self, dy):
        p = self.params
        if self.merge == "concat":
            df, db = np.split(dy, 2, axis=2)
        else:
            df = db = dy
        dxf, self.grads["Wf"], self.grads["Uf"] = self._back(df, self.x, self.hf, p["Wf"], p["Uf"])
        dxb, self.grads["Wb"], self.grads["Ub"] = self._back(db[:, ::-1], self.x[:, ::-1], self.hb, p["Wb"], p["Ub"])
        return dxf + dxb
