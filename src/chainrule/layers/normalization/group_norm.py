"""Group normalisation: the channels of a sample, group by group, are brought to mean 0 and variance 1 over all places.

Indices
    s  sample      g  group      c k  channel of the group      p q  place

Forward
    mu[s,g]       = mean[c,p](X[s,g,c,p])
    var[s,g]      = mean[c,p]((X[s,g,c,p] - mu[s,g])^2)
    Xhat[s,g,c,p] = (X[s,g,c,p] - mu[s,g]) / sqrt(var[s,g] + eps)
    Y[s,g,c,p]    = weight[g,c] * Xhat[s,g,c,p] + bias[g,c]

Backward
    dweight[g,c]   = sum[s,p](dY[s,g,c,p] * Xhat[s,g,c,p])
    dbias[g,c]     = sum[s,p](dY[s,g,c,p])
    dXhat[s,g,c,p] = weight[g,c] * dY[s,g,c,p]
    dX[s,g,c,p]    = (dXhat[s,g,c,p] - mean[k,q](dXhat[s,g,k,q])
                      - Xhat[s,g,c,p] * mean[k,q](dXhat[s,g,k,q] * Xhat[s,g,k,q])) / sqrt(var[s,g] + eps)

Why: the axis of channels is seen as two, group and channel of the group, and rows and columns as one axis of places. A
group of one sample is then a row of layer normalisation: what is left of dXhat is orthogonal to 1 and to Xhat, as
moving the group along either changes no output. Gain and shift belong to channels, so their gradients are sums over
samples and places. (Wu and He, 2018, arXiv:1803.08494.)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating
from chainrule.layers.normalization.layer_norm import normalise_rows, return_to_rows


class GroupNormCache(NamedTuple):
    """What the backward of group normalisation needs."""

    Xhat: Array  # a row for each group of each sample
    rstd: Array  # 1 / √(σ² + ε), a column
    shape: tuple[int, ...]


class GroupNorm(Layer):
    """`Y = γ ∘ (X − μ) / √(σ² + ε) + β`, with μ and σ² of each group of channels of each sample.

    Parameters: weight γ (num_channels), all 1 at first, and bias β (num_channels), all 0; None with `affine=False`.
    Input (S, num_channels, …), output of the same shape. `num_groups` must divide `num_channels`; a group's channels
    lie side by side. Training needs two values in each group at least, else a ValueError.
    """

    parameter_names = ("weight", "bias")

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        name = type(self).__name__
        self.num_groups = as_size(name, "num_groups", num_groups, 1)
        self.num_channels = as_size(name, "num_channels", num_channels, 1)
        if num_channels % num_groups:
            raise ValueError(f"{name}: num_channels is {num_channels}, but must be a multiple of {num_groups} groups")
        self.eps = eps
        self.weight: Array | None = np.ones(num_channels, dtype) if affine else None
        self.bias: Array | None = np.zeros(num_channels, dtype) if affine else None

    def __repr__(self) -> str:
        return f"GroupNorm({self.num_groups}, {self.num_channels}{self._describe_affine()})"

    def forward(self, X: Array) -> tuple[Array, GroupNormCache]:
        """Return Y; the cache is a GroupNormCache."""
        self._check_input(X)
        S, C = X.shape[:2]
        Xhat, rstd = normalise_rows(X.reshape(S * self.num_groups, -1), self.eps)
        Y = Xhat.reshape(S, C, -1)
        if self.weight is not None and self.bias is not None:
            Y = Y * self.weight[:, None]
            Y += self.bias[:, None]
        return Y.reshape(X.shape), GroupNormCache(Xhat, rstd, X.shape)

    def backward(self, dY: Array, cache: GroupNormCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        Xhat, rstd, shape = cache
        check_cotangent(self, dY, shape)
        dY = dY.reshape(shape[0], shape[1], -1)
        dXhat = dY if self.weight is None else dY * self.weight[:, None]
        dX = return_to_rows(dXhat.reshape(Xhat.shape), Xhat, rstd).reshape(shape)
        if self.weight is None:
            return dX, {}
        dweight = np.einsum("scp,scp->c", dY, Xhat.reshape(dY.shape))
        return dX, {"weight": dweight, "bias": dY.sum(axis=(0, 2))}

    def _describe_affine(self) -> str:
        return "" if self.weight is not None else ", affine=False"

    def _check_input(self, X: Array) -> None:
        check_floating(self, X)
        self._check_shape(X)
        if 0 in X.shape[1:]:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have one place at least")
        if self.training and X[:1].size == self.num_groups:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but training needs two values in each group at least")

    def _check_shape(self, X: Array) -> None:
        if X.ndim < 2 or X.shape[1] != self.num_channels:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, {self.num_channels}, …)")
