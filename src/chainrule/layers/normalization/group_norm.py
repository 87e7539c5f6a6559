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
from chainrule.layers.normalization.layer_norm import cut_rows
from chainrule.threads import run_parts

SHORT = 64  # entries of a row, below which a product of two rows is not worth a call of the BLAS


class GroupNormCache(NamedTuple):
    """What the backward of group normalisation needs: a row for each group of each sample, R = S G."""

    X: Array  # (R, C / G, P)
    mu: Array  # (R, 1)
    rstd: Array  # 1 / √(σ² + ε), (R, 1)
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
        rows = self._to_groups(X)
        Y = empty(rows.shape, np.result_type(X, *self.params.values()))
        mu, rstd = (np.empty((len(rows), 1), dtype) for dtype in (X.dtype, Y.dtype))
        weight, bias = self._repeat(self.weight, len(X)), self._repeat(self.bias, len(X))

        def normalise(part: slice) -> None:
            x, y = flatten(rows[part]), Y[part]
            mu[part] = sums(x) / x.shape[1]
            centred = np.subtract(x, mu[part], out=flatten(y))
            rstd[part] = 1 / np.sqrt(sums_of_product(centred, centred) / x.shape[1] + self.eps)
            y *= self._gain(rstd[part], weight, part)
            if bias is not None:
                y += bias[part]

        run_parts(normalise, cut_rows(rows))
        return Y.reshape(X.shape), GroupNormCache(rows, mu, rstd, X.shape)

    def backward(self, dY: Array, cache: GroupNormCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        X, mu, rstd, shape = cache
        check_cotangent(self, dY, shape)
        dY, weight = dY.reshape(X.shape), self._repeat(self.weight, shape[0])
        dX = empty(X.shape, np.result_type(dY, *self.params.values()))
        dbias, dweight = (np.empty(X.shape[:2], dX.dtype) for _ in range(2))  # of each group's channels

        def return_through(part: slice) -> None:
            dy, scale, (R, C, P) = dY[part], rstd[part], X[part].shape
            gain = self._gain(scale, weight, part)
            centred = np.subtract(flatten(X[part]), mu[part], out=empty((R, C * P), X.dtype))
            by_channel = dy.reshape(R * C, P)
            dbias[part] = sums(by_channel).reshape(R, C)
            dweight[part] = scale * sums_of_product(by_channel, centred.reshape(R * C, P)).reshape(R, C)  # of dY Xhat
            centred *= scale * (dweight[part] * gain[:, :, 0]).sum(axis=1, keepdims=True) / (C * P)
            centred += (dbias[part] * gain[:, :, 0]).sum(axis=1, keepdims=True) / (C * P)
            dx = np.multiply(dy, gain, out=dX[part])  # dXhat rstd
            dx -= centred.reshape(dx.shape)  # (mean(dXhat) + Xhat mean(dXhat Xhat)) rstd

        run_parts(return_through, cut_rows(X))
        grads = {"weight": dweight, "bias": dbias} if self.weight is not None else {}
        return dX.reshape(shape), {name: grad.reshape(shape[:2]).sum(axis=0) for name, grad in grads.items()}

    def _to_groups(self, X: Array) -> Array:
        """The view (S G, C / G, P) of (S, C, …): a row for each group of each sample."""
        channels = self.num_channels // self.num_groups
        return X.reshape(len(X) * self.num_groups, channels, math.prod(X.shape[2:]))

    def _repeat(self, of_channels: Array | None, S: int) -> Array | None:
        """Bring (C) to (S G, C / G, 1), the same for each sample."""
        return None if of_channels is None else np.tile(of_channels.reshape(self.num_groups, -1, 1), (S, 1, 1))

    def _gain(self, rstd: Array, weight: Array | None, part: slice) -> Array:
        """Return γ / √(σ² + ε), channel by channel: (R, C / G, 1)."""
        if weight is None:
            return np.repeat(rstd[:, :, None], self.num_channels // self.num_groups, axis=1)
        return rstd[:, :, None] * weight[part]

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


def flatten(groups: Array) -> Array:
    """The view (R, C P) of (R, C, P)."""
    return groups.reshape(len(groups), groups.shape[1] * groups.shape[2])


def sums(A: Array) -> Array:
    """Return the sum of each row as a column: the BLAS adds a row faster than `sum` does."""
    return (A @ np.ones(A.shape[1], A.dtype))[:, None]


def sums_of_product(A: Array, B: Array) -> Array:
    """Return the sum of each row of A ∘ B as a column, without an array for the product."""
    if A.shape[1] < SHORT:
        return np.einsum("rk,rk->r", A, B)[:, None]
    return np.matmul(A[:, None, :], B[:, :, None])[:, :, 0]  # twice as fast, by the BLAS
