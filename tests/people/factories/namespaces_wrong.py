# Wrong: Scale: the gain is left out.
from collections import namedtuple
from types import SimpleNamespace

import numpy as np

Layer = namedtuple("Layer", "forward backward grads")


def Linear(n_in, n_out, rng=np.random.RandomState(0)):
    p = SimpleNamespace(W=rng.randn(n_in, n_out) / np.sqrt(n_in), b=np.zeros(n_out), dW=None, db=None)
    memo = {}

    def forward(x):
        memo["x"] = x
        return x @ p.W + p.b

    def backward(dy):
        p.dW = memo["x"].T @ dy
        p.db = dy.sum(0)
        return dy @ p.W.T

    return SimpleNamespace(forward=forward, backward=backward, params=p)


def Sigmoid():
    memo = {}

    def forward(x):
        memo["y"] = 1 / (1 + np.exp(-x))
        return memo["y"]

    def backward(dy):
        return dy * memo["y"] * (1 - memo["y"])

    return {"forward": forward, "backward": backward}


def Scale(n):
    gamma, grads, kept = np.random.randn(n), {}, []

    def forward(x):
        kept.append(x)
        return gamma * x

    def backward(dy):
        x = kept.pop()
        grads["gamma"] = (dy * x).sum(axis=0)
        return dy

    return Layer(forward, backward, grads)


def chain(*layers):
    def forward(x):
        for layer in layers:
            x = layer.forward(x)
        return x

    def backward(dy):
        for layer in reversed(layers):
            dy = layer.backward(dy)
        return dy

    return SimpleNamespace(forward=forward, backward=backward, layers=layers)
