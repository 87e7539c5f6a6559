# A sequence of one place would hide that the stride is forgotten.
# Said of ConvTranspose1D: With `dy[:, :, t * self.stride:t * self.stride + k]` in place of
import numpy as np


class ConvTranspose1D:
    """x: (batch, channels, time)."""

    def __init__(self, c_in, c_out, k=4, stride=2):
        self.W = np.random.default_rng(0).normal(size=(c_in, c_out, k))
        self.stride = stride

    def forward(self, x):
        self.x = x
        n, c, T = x.shape
        k = self.W.shape[2]
        y = np.zeros((n, self.W.shape[1], (T - 1) * self.stride + k))
        for t in range(T):
            y[:, :, t * self.stride : t * self.stride + k] += np.einsum("nc,cok->nok", x[:, :, t], self.W)
        return y

    def backward(self, dy):
        k = self.W.shape[2]
        dx, self.dW = np.zeros_like(self.x), np.zeros_like(self.W)
        for t in range(self.x.shape[2]):
            g = dy[:, :, t : t + k]
            dx[:, :, t] = np.einsum("nok,cok->nc", g, self.W)
            self.dW += np.einsum("nc,nok->cok", self.x[:, :, t], g)
        return dx
