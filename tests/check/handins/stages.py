"""A layer normalisation whose dvar is twice what it should be, and a softmax that is right."""

import numpy as np


def layernorm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=1, keepdims=True)
    xc = x - mu
    var = (xc**2).mean(axis=1, keepdims=True)
    std = np.sqrt(var + eps)
    x_hat = xc / std
    out = gamma * x_hat + beta
    return out, (xc, std, x_hat, gamma)


def layernorm_backward(dout, cache):
    xc, std, x_hat, gamma = cache
    D = dout.shape[1]
    dbeta = dout.sum(axis=0)
    dgamma = (dout * x_hat).sum(axis=0)
    dxhat = dout * gamma
    dvar = (dxhat * xc).sum(axis=1, keepdims=True) * -1.0 * std**-3
    dmu = -(dxhat / std).sum(axis=1, keepdims=True)
    dx = dxhat / std + dvar * 2 * xc / D + dmu / D
    return dx, dgamma, dbeta


class SoftmaxAttributes:
    """Keeps what it needs in attributes, and its gradients in a dictionary."""

    def forward(self, x):
        self.e = np.exp(x - x.max(axis=1, keepdims=True))
        self.total = self.e.sum(axis=1)
        self.y = self.e / self.total[:, None]
        return self.y

    def backward(self, dout):
        stages = {}
        stages["dtotal"] = -(dout * self.e).sum(axis=1) / self.total**2
        stages["de"] = dout / self.total[:, None] + stages["dtotal"][:, None]
        return stages["de"] * self.e
