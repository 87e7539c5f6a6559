"""Layer normalisation: each sample is brought to mean 0 and variance 1 over its features, then scaled and shifted.

Indices
    s  sample      n m  feature

Forward
    mu[s]     = mean[n](X[s,n])
    var[s]    = mean[n]((X[s,n] - mu[s])^2)
    Xhat[s,n] = (X[s,n] - mu[s]) / sqrt(var[s] + eps)
    Y[s,n]    = weight[n] * Xhat[s,n] + bias[n]

Backward
    dweight[n] = sum[s](dY[s,n] * Xhat[s,n])
    dbias[n]   = sum[s](dY[s,n])
    dXhat[s,n] = weight[n] * dY[s,n]
    dX[s,n]    = (dXhat[s,n] - mean[m](dXhat[s,m]) - Xhat[s,n] * mean[m](dXhat[s,m] * Xhat[s,m])) / sqrt(var[s] + eps)

Why: X[s,n] reaches all outputs of its own sample, for mu and var are made from them, and no other sample's. The mean
takes the mean of dXhat away again, the variance its part along Xhat: what is left of dXhat is orthogonal to both, as
moving a sample along 1 or along Xhat changes no output. (Ba, Kiros and Hinton, 2016, arXiv:1607.06450.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating
from chainrule.layers.memory import empty
from chainrule.layers.normalization.batch_norm import sum_rows, sum_rows_of_product
from chainrule.threads import cut, run_parts, sum_parts

IN_CACHE = 1 << 19  # bytes of X in one part of its rows


class LayerNormCache(NamedTuple):
    """What the backward of layer normalisation needs."""

    Xhat: Array  # a row for each sample
    rstd: Array  # 1 / √(σ² + ε), a column
    shape: tuple[int, ...]


class LayerNorm(Layer):
    """`Y = γ ∘ (X − μ) / √(σ² + ε) + β`, with μ and σ² of each sample over the last axes.

    `normalized_shape`, an int or a tuple, is the shape of those axes. Parameters of that shape: weight γ, all 1 at
    first, and bias β, all 0; None with `elementwise_affine=False`, and the bias with `bias=False`.
    Input (…, *normalized_shape), output of the same shape.
    """

    parameter_names = ("weight", "bias")

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        shape = as_shape("LayerNorm", normalized_shape)
        self.normalized_shape, self.eps = shape, eps
        self.weight: Array | None = np.ones(shape, dtype) if elementwise_affine else None
        self.bias: Array | None = np.zeros(shape, dtype) if elementwise_affine and bias else None

    def __repr__(self) -> str:
        affine = "" if self.weight is not None else ", elementwise_affine=False"
        return f"LayerNorm({self.normalized_shape}{affine})"

    def forward(self, X: Array) -> tuple[Array, LayerNormCache]:
        """Return Y; the cache is a LayerNormCache."""
        check_floating(self, X)
        check_last_axes(self, X, self.normalized_shape)
        rows = self._to_rows(X)
        weight, bias = (None if array is None else array.ravel() for array in (self.weight, self.bias))
        Xhat, rstd = empty(rows.shape, rows.dtype), np.empty((len(rows), 1), rows.dtype)
        Y = Xhat if weight is None else empty(rows.shape, np.result_type(rows, *self.params.values()))

        def normalise(part: slice) -> None:
            xhat = np.subtract(rows[part], row_means(rows[part]), out=Xhat[part])
            var = row_means_of_product(xhat, xhat)  # xhat is X − μ still
            rstd[part] = 1 / np.sqrt(var + self.eps)
            xhat *= rstd[part]
            if weight is not None:
                y = np.multiply(xhat, weight, out=Y[part])
                if bias is not None:
                    y += bias

        run_parts(normalise, cut_rows(rows))
        return Y.reshape(X.shape), LayerNormCache(Xhat, rstd, X.shape)

    def backward(self, dY: Array, cache: LayerNormCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        Xhat, rstd, shape = cache
        check_cotangent(self, dY, shape)
        dY, weight = self._to_rows(dY), 1 if self.weight is None else self.weight.ravel()
        dX = empty(dY.shape, np.result_type(dY, Xhat, *self.params.values()))

        def return_through(part: slice) -> Array:
            xhat, dy = Xhat[part], dY[part]
            dx = np.multiply(dy, weight, out=dX[part])  # dXhat
            along = np.multiply(xhat, row_means_of_product(dx, xhat), out=empty(xhat.shape, xhat.dtype))
            dx -= row_means(dx)
            dx -= along
            dx *= rstd[part]
            return np.stack([sum_rows_of_product(dy, xhat), sum_rows(dy)])

        sums = zip(self.parameter_names, sum_parts(return_through, cut_rows(dY)), strict=True)
        grads = {name: of_rows.reshape(self.normalized_shape) for name, of_rows in sums}
        return dX.reshape(shape), {name: grads[name] for name in self.params}

    def _to_rows(self, X: Array) -> Array:
        return X.reshape(-1, math.prod(self.normalized_shape))


def as_shape(layer: str, shape: int | Sequence[int]) -> tuple[int, ...]:
    """Return the argument normalized_shape as a tuple. Raises ValueError unless its sizes are at least 1."""
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    if not sizes or math.prod(sizes) < 1:
        raise ValueError(f"{layer}: normalized_shape is {sizes}, but must hold sizes of at least 1")
    return sizes


def check_last_axes(layer: Layer, X: Array, shape: tuple[int, ...]) -> None:
    """Raise ValueError unless the last axes of X have this shape."""
    axes = len(shape)
    if X.ndim < axes or X.shape[X.ndim - axes :] != shape:
        raise ValueError(f"{layer!r}: X has shape {X.shape}, but its last axes must be {shape}")


def row_means(X: Array) -> Array:
    """Return the mean of each row as a column: the BLAS adds a row about four times as fast as `X.mean(axis=1)`."""
    N = X.shape[1]
    return (X @ np.ones(N, X.dtype) / N)[:, None]


def row_means_of_product(A: Array, B: Array) -> Array:
    """Return the row means of A ∘ B as a column, without an array for the product."""
    return np.einsum("sn,sn->s", A, B)[:, None] / A.shape[1]


def cut_rows(rows: Array) -> list[slice]:
    """Cut rows into parts that stay in the cache."""
    return cut(len(rows), max(1, IN_CACHE * len(rows) // max(rows.nbytes, 1)))
