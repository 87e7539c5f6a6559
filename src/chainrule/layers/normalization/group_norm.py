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

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating
from chainrule.layers.memory import empty
from chainrule.layers.normalization.rms_norm import cut_rows
from chainrule.layers.threads import run_parts, sum_parts


class GroupNormCache(NamedTuple):
    """What the backward of group normalisation needs."""

    X: Array  # (S, C, P)
    mu: Array  # (S, G, 1)
    rstd: Array  # 1 / √(σ² + ε), (S, G, 1)
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
        S, C, P = *X.shape[:2], math.prod(X.shape[2:])
        shape, X = X.shape, X.reshape(S, C, P)
        Y = empty(X.shape, np.result_type(X, *self.params.values()))
        mu, rstd = (np.empty((S, self.num_groups, 1), X.dtype) for _ in range(2))

        def normalise(part: slice) -> None:
            groups = self._to_groups(X[part])
            mu[part] = means(groups)
            centred = np.subtract(groups, mu[part], out=empty(groups.shape, groups.dtype))
            rstd[part] = 1 / np.sqrt(means_of_product(centred, centred) + self.eps)
            y = np.multiply(centred.reshape(X[part].shape), self._gain(rstd[part]), out=Y[part])
            if self.bias is not None:
                y += self.bias[:, None]

        run_parts(normalise, cut_rows(X))
        return Y.reshape(shape), GroupNormCache(X, mu, rstd, shape)

    def backward(self, dY: Array, cache: GroupNormCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        X, mu, rstd, shape = cache
        check_cotangent(self, dY, shape)
        dY = dY.reshape(X.shape)
        dX = empty(X.shape, np.result_type(dY, *self.params.values()))

        def return_through(part: slice) -> Array:
            groups, scale, gain = self._to_groups(X[part]), rstd[part], self._gain(rstd[part])
            centred = np.subtract(groups, mu[part], out=empty(groups.shape, groups.dtype))
            dy, share = dY[part], 1 / groups.shape[2]
            sums = (dy @ np.ones(dy.shape[2], dy.dtype))[:, :, None]  # of dY, channel by channel
            along = np.einsum("scp,scp->sc", dy, centred.reshape(dy.shape))[:, :, None]  # of dY (X − mu)
            centred *= scale * scale * self._to_groups(gain * along).sum(axis=2, keepdims=True) * share
            centred += self._to_groups(gain * sums).sum(axis=2, keepdims=True) * share
            dx = np.multiply(dy, gain, out=dX[part])  # dXhat rstd
            groups_of_dx = self._to_groups(dx)
            groups_of_dx -= centred  # (mean(dXhat) + Xhat mean(dXhat Xhat)) rstd
            return np.stack([(along * self._to_channels(scale)).sum(axis=(0, 2)), sums.sum(axis=(0, 2))])

        dweight, dbias = sum_parts(return_through, cut_rows(X))
        return dX.reshape(shape), {} if self.weight is None else {"weight": dweight, "bias": dbias}

    def _gain(self, rstd: Array) -> Array:
        """Return γ / √(σ² + ε), channel by channel: (S, C, 1)."""
        gain = self._to_channels(rstd)
        return gain if self.weight is None else gain * self.weight[:, None]

    def _to_channels(self, of_groups: Array) -> Array:
        """Bring (S, G, 1) to (S, C, 1)."""
        return np.repeat(of_groups, self.num_channels // self.num_groups, axis=1)

    def _to_groups(self, X: Array) -> Array:
        """The view (S, G, …) of (S, C, P): a row for each group."""
        return X.reshape(len(X), self.num_groups, math.prod(X.shape[1:]) // self.num_groups)

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


def means(A: Array) -> Array:
    """Return the mean over the last axis, (S, G, 1): the BLAS adds a row faster than `mean` does."""
    return (A @ np.ones(A.shape[2], A.dtype) / A.shape[2])[:, :, None]


def means_of_product(A: Array, B: Array) -> Array:
    """Return the mean of A ∘ B over the last axis, (S, G, 1), without an array for the product."""
    return np.einsum("sgr,sgr->sg", A, B)[:, :, None] / A.shape[2]
