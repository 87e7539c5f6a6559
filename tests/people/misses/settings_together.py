# Said of Dense: dX is the gradient for slope = 0.1, the default, whatever slope is
# Said of DenseOfTable: dX is wrong with activation = 'tanh'
# Said of act_backward: dx is wrong with act other than 'relu' and scale = 0.5
# Said of BatchNorm1d: dx is wrong with track = False, in evaluation mode
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass
class Config:
    n_in: int = 5
    n_out: int = 3
    activation: str = "relu"
    slope: float = 0.1


class Dense:
    """The slope is that of the leaky one alone, which is neither the default nor spelled out."""

    def __init__(self, config: Config):
        self.config = config
        rng = np.random.default_rng(0)
        self.W = rng.normal(size=(config.n_in, config.n_out))

    def forward(self, X):
        self.X = X
        self.Z = X @ self.W
        if self.config.activation == "relu":
            return np.maximum(self.Z, 0)
        if self.config.activation == "tanh":
            return np.tanh(self.Z)
        return np.where(self.Z > 0, self.Z, self.config.slope * self.Z)

    def backward(self, dY):
        if self.config.activation == "relu":
            dZ = dY * (self.Z > 0)
        elif self.config.activation == "tanh":
            dZ = dY * (1 - np.tanh(self.Z) ** 2)
        else:
            dZ = dY * np.where(self.Z > 0, 1, 0.1)
        self.dW = self.X.T @ dZ
        return dZ @ self.W.T


class RightDense(Dense):
    def backward(self, dY):
        if self.config.activation == "relu":
            dZ = dY * (self.Z > 0)
        elif self.config.activation == "tanh":
            dZ = dY * (1 - np.tanh(self.Z) ** 2)
        else:
            dZ = dY * np.where(self.Z > 0, 1, self.config.slope)
        self.dW = self.X.T @ dZ
        return dZ @ self.W.T


TABLE = {"n_in": 5, "n_out": 3, "activation": "relu"}


class DenseOfTable:
    def __init__(self, config=TABLE):
        self.config = config
        self.W = np.random.default_rng(0).normal(size=(config["n_in"], config["n_out"]))

    def forward(self, X):
        self.X = X
        self.Z = X @ self.W
        return np.maximum(self.Z, 0) if self.config["activation"] == "relu" else np.tanh(self.Z)

    def backward(self, dY):
        dZ = dY * (self.Z > 0) if self.config["activation"] == "relu" else dY * (1 - np.tanh(self.Z))
        self.dW = self.X.T @ dZ
        return dZ @ self.W.T


class Options(NamedTuple):
    act: str = "relu"
    scale: float = 1.0


def act_forward(x, options=Options()):
    return options.scale * (np.maximum(x, 0) if options.act == "relu" else np.tanh(x))


def act_backward(dy, x, options=Options()):
    if options.act == "relu":
        return options.scale * dy * (x > 0)
    return dy * (1 - np.tanh(x) ** 2)


class BatchNorm1d:
    """Without running statistics, those of the batch are used in either mode: backward forgets it."""

    def __init__(self, dim, eps=1e-5, momentum=0.1, track=True):
        self.g, self.b, self.eps, self.momentum, self.track = np.ones(dim), np.zeros(dim), eps, momentum, track
        self.rm, self.rv = np.zeros(dim), np.ones(dim)

    def forward(self, x, training=True):
        self.training = training
        if training or not self.track:
            self.m, self.v = x.mean(0), x.var(0)
            if self.track:
                self.rm += self.momentum * (self.m - self.rm)
                self.rv += self.momentum * (self.v - self.rv)
        else:
            self.m, self.v = self.rm, self.rv
        self.xh = (x - self.m) / np.sqrt(self.v + self.eps)
        return self.g * self.xh + self.b

    def backward(self, dy):
        self.dg, self.db = (dy * self.xh).sum(0), dy.sum(0)
        d = dy * self.g
        if self.training:
            d = d - d.mean(0) - self.xh * (d * self.xh).mean(0)
        return d / np.sqrt(self.v + self.eps)


class RightBatchNorm1d(BatchNorm1d):
    def backward(self, dy):
        self.dg, self.db = (dy * self.xh).sum(0), dy.sum(0)
        d = dy * self.g
        if self.training or not self.track:
            d = d - d.mean(0) - self.xh * (d * self.xh).mean(0)
        return d / np.sqrt(self.v + self.eps)
