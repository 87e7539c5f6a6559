"""Batch normalisation of images and an activation after it, in one pass: what `BatchNormReLU2d` and its kin share.

Each thread takes some rows at a time, which stay in its cache from the first operation on them to the last.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np

from chainrule.layers.base import Array, Arrays, check_cotangent
from chainrule.layers.memory import empty
from chainrule.layers.normalization.batch_norm import from_rows, sum_rows, sum_rows_of_product, to_rows
from chainrule.layers.normalization.batch_norm_2d import BatchNorm2d
from chainrule.threads import cut, run_parts, sum_parts


class BatchNormActivationCache(NamedTuple):
    """What the backward needs."""

    X: Array  # as rows, one for each sample and place
    mu: Array
    rstd: Array  # 1 / √(σ² + ε)
    slopes: Array | None  # of the activation, where they were kept
    of_batch: bool  # whether μ and σ² are the batch's
    shape: tuple[int, ...]


class BatchNormActivation2d(BatchNorm2d):
    """`Y = h(γ ∘ (X − μ) / √(σ² + ε) + β)` with the activation h of a subclass."""

    in_cache: ClassVar[int] = 1 << 20  # bytes of X in one part of its rows
    keeps_slopes: ClassVar[bool] = False  # from a forward in training for its backward, rather than found anew

    def forward(self, X: Array) -> tuple[Array, BatchNormActivationCache]:  # type: ignore[override]
        """Return Y; the cache is a BatchNormActivationCache."""
        self._check_input(X)
        rows = to_rows(X)
        S, parts = len(rows), self._cut_rows(rows)
        mu, var = self.running_mean.copy(), self.running_var  # a copy, as `backward` needs it
        if self.training:
            mu = sum_parts(lambda part: sum_rows(rows[part]), parts) / S
            var = sum_parts(lambda part: sum_squares(rows[part] - mu), parts) / S
            self._track(mu, var, S)
        rstd = 1 / np.sqrt(var + self.eps)
        gain = self._gain(rstd)
        Y = empty(rows.shape, np.result_type(rows, gain))
        slopes = empty(Y.shape, Y.dtype) if self.keeps_slopes and self.training else None

        def normalise(part: slice) -> None:
            z = np.subtract(rows[part], mu, out=Y[part])
            z *= gain
            if self.bias is not None:
                z += self.bias
            self._activate(z, None if slopes is None else slopes[part])

        run_parts(normalise, parts)
        return from_rows(Y, X.shape), BatchNormActivationCache(rows, mu, rstd, slopes, self.training, X.shape)

    def backward(self, dY: Array, cache: BatchNormActivationCache) -> tuple[Array, Arrays]:  # type: ignore[override]
        """Return dX and the gradients of weight and bias."""
        X, mu, rstd, slopes, of_batch, shape = cache
        check_cotangent(self, dY, shape)
        rows, S, parts = to_rows(dY), len(X), self._cut_rows(X)
        dX, gain = empty(rows.shape, rows.dtype), self._gain(rstd)

        def differentiate(part: slice) -> Array:
            centred = X[part] - mu
            dZ = dX[part]
            if slopes is None:
                Z = centred * gain
                if self.bias is not None:
                    Z += self.bias
                np.multiply(rows[part], self._find_slope(Z), out=dZ)
            else:
                np.multiply(rows[part], slopes[part], out=dZ)
            return np.stack([sum_rows(dZ), sum_rows_of_product(dZ, centred)])

        dbias, dgain = sum_parts(differentiate, parts)
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
        return from_rows(dX, shape), self._select(dweight, dbias)

    @abstractmethod
    def _activate(self, Z: Array, slope: Array | None) -> None:
        """Put h(Z) in place of Z, and h'(Z) into `slope` where that is given."""

    @abstractmethod
    def _find_slope(self, Z: Array) -> Array:
        """Return h'(Z), which may take the memory of Z."""

    def _cut_rows(self, rows: Array) -> list[slice]:
        """Cut rows into parts that stay in the cache."""
        return cut(len(rows), max(1, self.in_cache * len(rows) // max(rows.nbytes, 1)))


def sum_squares(X: Array) -> Array:
    """Return the column sums of X ∘ X."""
    return sum_rows_of_product(X, X)
