"""Batch normalisation of images and what passes a rectifier after it, in one: the beginning of a pre-activation block.

Indices
    s r  sample      c  channel      h i  row      w j  column

Forward
    mu[c]         = mean[s,h,w](X[s,c,h,w])
    var[c]        = mean[s,h,w]((X[s,c,h,w] - mu[c])^2)
    Xhat[s,c,h,w] = (X[s,c,h,w] - mu[c]) / sqrt(var[c] + eps)
    Z[s,c,h,w]    = weight[c] * Xhat[s,c,h,w] + bias[c]
    Y[s,c,h,w]    = where(Z[s,c,h,w] > 0, Z[s,c,h,w], 0)

Backward
    dZ[s,c,h,w]    = dY[s,c,h,w] * where(Z[s,c,h,w] > 0, 1, 0)
    dweight[c]     = sum[s,h,w](dZ[s,c,h,w] * Xhat[s,c,h,w])
    dbias[c]       = sum[s,h,w](dZ[s,c,h,w])
    dXhat[s,c,h,w] = weight[c] * dZ[s,c,h,w]
    dX[s,c,h,w]    = (dXhat[s,c,h,w] - mean[r,i,j](dXhat[r,c,i,j])
                      - Xhat[s,c,h,w] * mean[r,i,j](dXhat[r,c,i,j] * Xhat[r,c,i,j])) / sqrt(var[c] + eps)

Why: the rectifier lets the cotangent through where Z is positive, which is where Y is; from there on it is that of
batch normalisation. Of Xhat, Z and Y none is kept: X, mu and var give them again for less than reading them back takes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.layers.activations.relu import zeros_for
from chainrule.layers.base import Array, Arrays, check_cotangent
from chainrule.layers.memory import empty
from chainrule.layers.normalization.batch_norm import from_rows, sum_rows, sum_rows_of_product, to_rows
from chainrule.layers.normalization.batch_norm_2d import BatchNorm2d
from chainrule.layers.threads import cut, run_parts, sum_parts

IN_CACHE = 1 << 20  # bytes of X in one part of its rows


class BatchNormReLU2dCache(NamedTuple):
    """What the backward needs."""

    X: Array  # as rows, one for each sample and place
    mu: Array
    rstd: Array  # 1 / √(σ² + ε)
    of_batch: bool  # whether μ and σ² are the batch's
    shape: tuple[int, ...]


class BatchNormReLU2d(BatchNorm2d):
    """`Y = max(γ ∘ (X − μ) / √(σ² + ε) + β, 0)`: the same as `BatchNorm2d` and `ReLU` one after the other, but faster.

    Arguments, parameters, buffers and shapes are those of `BatchNorm2d`. Each thread takes some rows at a time, which
    stay in its cache from the first operation on them to the last.
    """

    def forward(self, X: Array) -> tuple[Array, BatchNormReLU2dCache]:  # type: ignore[override]
        """Return Y; the cache is a BatchNormReLU2dCache."""
        self._check_input(X)
        rows = to_rows(X)
        S, parts = len(rows), cut_rows(rows)
        mu, var = self.running_mean.copy(), self.running_var  # a copy, as `backward` needs it
        if self.training:
            mu = sum_parts(lambda part: sum_rows(rows[part]), parts) / S
            var = sum_parts(lambda part: sum_squares(rows[part] - mu), parts) / S
            self._track(mu, var, S)
        rstd = 1 / np.sqrt(var + self.eps)
        gain = self._gain(rstd)
        Y = empty(rows.shape, np.result_type(rows, gain))
        zeros = zeros_for(Y)

        def normalise(part: slice) -> None:
            y = np.subtract(rows[part], mu, out=Y[part])
            y *= gain
            if self.bias is not None:
                y += self.bias
            np.maximum(y, zeros, out=y)

        run_parts(normalise, parts)
        return from_rows(Y, X.shape), BatchNormReLU2dCache(rows, mu, rstd, self.training, X.shape)

    def backward(self, dY: Array, cache: BatchNormReLU2dCache) -> tuple[Array, Arrays]:  # type: ignore[override]
        """Return dX and the gradients of weight and bias."""
        X, mu, rstd, of_batch, shape = cache
        check_cotangent(self, dY, shape)
        rows, S, parts = to_rows(dY), len(X), cut_rows(X)
        dX, gain = empty(rows.shape, rows.dtype), self._gain(rstd)

        def rectify(part: slice) -> Array:
            centred = X[part] - mu
            Z = centred * gain
            if self.bias is not None:
                Z += self.bias
            dZ = np.multiply(rows[part], Z > 0, out=dX[part])
            return np.stack([sum_rows(dZ), sum_rows_of_product(dZ, centred)])

        dbias, dgain = sum_parts(rectify, parts)
        dweight = rstd * dgain

        def normalise(part: slice) -> None:
            dx = dX[part]
            if of_batch:
                along = X[part] - mu
                along *= dweight * rstd / S  # Xhat mean(dZ Xhat)
                dx -= along
                dx -= dbias / S
            dx *= gain

        run_parts(normalise, parts)
        return from_rows(dX, shape), {} if self.weight is None else {"weight": dweight, "bias": dbias}


def sum_squares(X: Array) -> Array:
    """Return the column sums of X ∘ X."""
    return sum_rows_of_product(X, X)


def cut_rows(rows: Array) -> list[slice]:
    """Cut rows into parts that stay in the cache."""
    return cut(len(rows), max(1, IN_CACHE * len(rows) // max(rows.nbytes, 1)))
