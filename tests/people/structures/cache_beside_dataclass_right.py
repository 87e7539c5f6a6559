# Right.
from collections import namedtuple
from dataclasses import dataclass

import numpy as np

Cache = namedtuple("Cache", ["x", "hidden"])


@dataclass
class Parameters:
    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray

    @classmethod
    def init(cls, n_in: int, n_hidden: int, n_out: int) -> "Parameters":
        rng = np.random.default_rng(0)
        return cls(
            rng.normal(size=(n_in, n_hidden)), np.zeros(n_hidden), rng.normal(size=(n_hidden, n_out)), np.zeros(n_out)
        )


def forward(p: Parameters, x: np.ndarray) -> tuple[np.ndarray, Cache]:
    hidden = np.tanh(x @ p.w1 + p.b1)
    return hidden @ p.w2 + p.b2, Cache(x, hidden)


def backward(p: Parameters, cache: Cache, dout: np.ndarray) -> Parameters:
    dpre = (dout @ p.w2.T) * (1 - cache.hidden**2)
    return Parameters(w1=cache.x.T @ dpre, b1=dpre.sum(axis=0), w2=cache.hidden.T @ dout, b2=dout.sum(axis=0))
