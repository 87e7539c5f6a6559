"""Layer normalisation: each sample is brought to mean 0 and variance 1 over its features, then scaled and shifted.

Indices
    s  sample      n  feature

Forward
    mu[s]     = mean[n](X[s,n])
    var[s]    = mean[n]((X[s,n] - mu[s])^2)
    Xhat[s,n] = (X[s,n] - mu[s]) / sqrt(var[s] + eps)
    Y[s,n]    = weight[n] * Xhat[s,n] + bias[n]

Backward
    dweight[n] = sum[s](dY[s,n] * Xhat[s,n])
    dbias[n]   = sum[s](dY[s,n])
    G[s,n]     = weight[n] * dY[s,n]
    dX[s,n]    = (G[s,n] - mean[m](G[s,m]) - Xhat[s,n] * mean[m](G[s,m] * Xhat[s,m])) / sqrt(var[s] + eps)

Why: X[s,n] reaches all outputs of its own sample, for mu and var are made from them, and no other sample's. The mean
takes the mean of G away again, the variance its part along Xhat: what is left of G is orthogonal to both, as moving a
sample along 1 or Xhat changes no output. (Ba, Kiros and Hinton, 2016, arXiv:1607.06450.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, check_floating


class LayerNorm(Layer):
    """`Y = γ ∘ (X − μ) / √(σ² + ε) + β`, with μ and σ² of each sample over the last axes.

    `normalized_shape` (an int or a tuple) is the shape of those axes. Parameters: weight γ, all 1 at first, and bias β,
    all 0, both of that shape; None with `elementwise_affine=False`. Input (…, *normalized_shape), output the same.
    """

    parameter_names = ("weight", "bias")

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        shape = (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
        self.normalized_shape, self.eps = shape, eps
        self.weight: Array | None = np.ones(shape, dtype) if elementwise_affine else None
        self.bias: Array | None = np.zeros(shape, dtype) if elementwise_affine else None

    def __repr__(self) -> str:
        affine = "" if self.weight is not None else ", elementwise_affine=False"
        return f"LayerNorm({self.normalized_shape}{affine})"

    def forward(self, X: Array) -> tuple[Array, tuple[Array, Array]]:
        """Return Y; the cache is Xhat and 1/√(σ² + ε), a row for each sample."""
        check_floating(self, X)
        axes = len(self.normalized_shape)
        if X.shape[max(X.ndim - axes, 0) :] != self.normalized_shape:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but its last axes must be {self.normalized_shape}")
        Xhat = X.reshape(-1, math.prod(self.normalized_shape))
        Xhat = Xhat - Xhat.mean(axis=1, keepdims=True)
        var = np.einsum("sn,sn->s", Xhat, Xhat)[:, None] / Xhat.shape[1]
        rstd = 1 / np.sqrt(var + self.eps)
        Xhat *= rstd
        if self.weight is None or self.bias is None:
            return Xhat.reshape(X.shape).copy(), (Xhat, rstd)
        Y = Xhat * self.weight.reshape(-1)
        Y += self.bias.reshape(-1)
        return Y.reshape(X.shape), (Xhat, rstd)

    def backward(self, dY: Array, cache: tuple[Array, Array]) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        Xhat, rstd = cache
        if dY.size != Xhat.size or dY.shape[dY.ndim - len(self.normalized_shape) :] != self.normalized_shape:
            raise ValueError(f"{self!r}: dY has shape {dY.shape}, but the output has {len(Xhat)} samples")
        shape, dY = dY.shape, dY.reshape(Xhat.shape)
        G = dY if self.weight is None else dY * self.weight.reshape(-1)
        dX = G - G.mean(axis=1, keepdims=True)
        dX -= Xhat * (np.einsum("sn,sn->s", G, Xhat)[:, None] / Xhat.shape[1])
        dX *= rstd
        grads: Arrays = {}
        if self.weight is not None:
            grads["weight"] = np.einsum("sn,sn->n", dY, Xhat).reshape(self.normalized_shape)
            grads["bias"] = dY.sum(axis=0).reshape(self.normalized_shape)
        return dX.reshape(shape), grads
