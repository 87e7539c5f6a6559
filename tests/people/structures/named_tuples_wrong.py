# Wrong: linear_bwd: the cotangent is not summed over samples, but averaged.
from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class LinearParams(NamedTuple):
    weight: np.ndarray
    bias: np.ndarray


@dataclass(frozen=True)
class LinearCache:
    x: np.ndarray
    params: LinearParams


def linear_fwd(params: LinearParams, x):
    return x @ params.weight + params.bias, LinearCache(x, params)


def linear_bwd(dy, cache: LinearCache):
    return LinearParams(cache.x.T @ dy, dy.mean(axis=0)), dy @ cache.params.weight.T


@dataclass
class Norm:
    gamma: np.ndarray
    beta: np.ndarray
    eps: float = 1e-5


def rmsnorm_forward(x, p: Norm):
    r = 1 / np.sqrt((x**2).mean(axis=-1, keepdims=True) + p.eps)
    return p.gamma * x * r + p.beta, (x, r)


def rmsnorm_backward(dout, cache, p: Norm):
    x, r = cache
    g = dout * p.gamma
    dx = r * (g - x * r**2 * (g * x).mean(axis=-1, keepdims=True))
    return {"x": dx, "gamma": (dout * x * r).sum(axis=0), "beta": dout.sum(axis=0)}


def conv1x1_forward(inputs, params):
    """inputs: dict with 'x' (N, C, H, W); params: dict with 'w' (F, C), 'b' (F,)"""
    x, w, b = inputs["x"], params["w"], params["b"]
    return {"y": np.einsum("nchw,fc->nfhw", x, w) + b[None, :, None, None]}, {"x": x, "w": w}


def conv1x1_backward(grads_out, cache):
    dy, x, w = grads_out["y"], cache["x"], cache["w"]
    return {"x": np.einsum("nfhw,fc->nchw", dy, w), "w": np.einsum("nfhw,nchw->fc", dy, x), "b": dy.sum((0, 2, 3))}
