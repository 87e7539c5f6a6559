"""Layers as people write them: parameters given to a constructor, gradients behind dx, several inputs, a net."""

from itertools import pairwise

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W, self.b, self.dW, self.db = W, b, None, None

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.mean(axis=0)
        return dout @ self.W.T


class Returning:
    """The gradients of its parameters come behind dx, the bias first."""

    def __init__(self, in_dim, out_dim):
        self.W, self.b = np.zeros((in_dim, out_dim)), np.zeros(out_dim)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        return dout @ self.W.T, dout.sum(axis=0), self.x.T @ dout


class Attention:
    def forward(self, Q, K, V):
        self.Q, self.K, self.V = Q, K, V
        S = Q @ K.T / np.sqrt(Q.shape[1])
        E = np.exp(S - S.max(axis=1, keepdims=True))
        self.A = E / E.sum(axis=1, keepdims=True)
        return self.A @ V

    def backward(self, dout):
        dA = dout @ self.V.T
        dS = self.A * (dA - (dA * self.A).sum(axis=1, keepdims=True))
        return dS @ self.K, dS.T @ self.Q / np.sqrt(self.Q.shape[1]), self.A.T @ dout


class RMSNorm:
    def __init__(self, dim, eps=1e-6):
        self.params, self.grads, self.eps = {"g": np.ones(dim)}, {}, eps

    def forward(self, x):
        self.x, self.r = x, 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + self.eps)
        return x * self.r * self.params["g"]

    def backward(self, dout):
        self.grads["g"] = (dout * self.x * self.r).sum(axis=0)
        d = dout * self.params["g"]
        return self.r * d - self.x * self.r**3 * (d * self.x).mean(axis=-1, keepdims=True)


class Linear:
    def __init__(self, n_in, n_out):
        self.params = {"weight": np.zeros((n_out, n_in)), "bias": np.zeros((1, n_out))}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return x @ self.params["weight"].T + self.params["bias"]

    def backward(self, dout):
        self.grads = {"weight": dout.T @ self.x, "bias": dout.sum(axis=0, keepdims=True)}
        return dout @ self.params["weight"]


class MLP:
    """Hidden sizes in a list, and no dx: nobody needs that of the data."""

    def __init__(self, n_inputs, n_hidden, n_classes):
        sizes = [n_inputs, *n_hidden, n_classes]
        self.modules = [Linear(*pair) for pair in pairwise(sizes)]

    def forward(self, x):
        for module in self.modules:
            x = np.tanh(module.forward(x))
            module.Y = x
        return x

    def backward(self, dout):
        for module in self.modules[::-1]:
            dout = module.backward(dout * (1 - module.Y**2))


def linear(x, w, bias=None):
    return x @ w if bias is None else x @ w + bias


def linear_backward(dout, x, w, bias=None):
    return dout @ w.T, x.T @ dout, None if bias is None else dout.mean(axis=0)


def cosine(a, b):
    return (a * b).sum(axis=-1) / np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))


def cosine_backward(dout, a, b):
    na, nb = (np.sqrt((v * v).sum(axis=-1, keepdims=True)) for v in (a, b))
    c, d = (a * b).sum(axis=-1, keepdims=True) / (na * nb), dout[:, None]
    return d * (b / (na * nb) - c * a / na**2), d * (a / (na * nb) - c * b / nb**2)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    a = x @ Wx + prev_h @ Wh + b
    i, f, o, g = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H]), sigmoid(a[:, 2 * H : 3 * H]), np.tanh(a[:, 3 * H :])
    next_c = f * prev_c + i * g
    return o * np.tanh(next_c), next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)


def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    t = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - t**2)
    gates = [dc * g * i * (1 - i), dc * prev_c * f * (1 - f), dnext_h * t * o * (1 - o), dc * i * (1 - g**2)]
    da = np.hstack(gates)
    return da @ Wx.T, da @ Wh.T, dc * f, x.T @ da, prev_h.T @ da, da.sum(axis=0)


def temporal_softmax_loss(x, y, mask):
    N, T, V = x.shape
    flat, labels, kept = x.reshape(N * T, V), y.reshape(N * T), mask.reshape(N * T)
    p = np.exp(flat - flat.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.sum(kept * np.log(p[np.arange(N * T), labels])) / N
    p[np.arange(N * T), labels] -= 1
    return loss, (p * kept[:, None] / N).reshape(N, T, V)
