"""Root mean square normalisation: each sample is divided by its root mean square over the features, then scaled.

Indices
    s  sample      n m  feature

Forward
    rms[s]    = sqrt(mean[n](X[s,n]^2) + eps)
    Xhat[s,n] = X[s,n] / rms[s]
    Y[s,n]    = weight[n] * Xhat[s,n]

Backward
    dweight[n] = sum[s](dY[s,n] * Xhat[s,n])
    dXhat[s,n] = weight[n] * dY[s,n]
    dX[s,n]    = (dXhat[s,n] - Xhat[s,n] * mean[m](dXhat[s,m] * Xhat[s,m])) / rms[s]

Why: X[s,n] reaches the outputs of its own sample, its own directly and all of them through the root mean square. What
is taken away is the part of dXhat along Xhat: stretching a sample changes no output. Nothing else is taken away, for
no mean is. (Zhang and Sennrich, 2019, arXiv:1910.07467.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating
from chainrule.layers.memory import empty
from chainrule.layers.normalization.batch_norm import sum_rows_of_product
from chainrule.layers.normalization.layer_norm import as_shape, check_last_axes, cut_rows, row_means_of_product
from chainrule.threads import run_parts, sum_parts


class RMSNormCache(NamedTuple):
    """What the backward needs."""

    X: Array  # a row for each sample
    scale: Array  # 1 / rms, a column
    shape: tuple[int, ...]


class RMSNorm(Layer):
    """`Y = γ ∘ X / √(mean(X²) + ε)`, the mean over the last axes of each sample.

    `normalized_shape`, an int or a tuple, is the shape of those axes. Parameter of that shape: weight γ, all 1 at
    first; None with `elementwise_affine=False`. `eps` None stands for the spacing of the numbers at 1 in the dtype of
    X. Input (…, *normalized_shape), output of the same shape. Each thread takes some rows at a time, which stay in its
    cache.
    """

    parameter_names = ("weight",)

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.normalized_shape, self.eps = as_shape("RMSNorm", normalized_shape), eps
        self.weight: Array | None = np.ones(self.normalized_shape, dtype) if elementwise_affine else None

    def __repr__(self) -> str:
        affine = "" if self.weight is not None else ", elementwise_affine=False"
        return f"RMSNorm({self.normalized_shape}{affine})"

    def forward(self, X: Array) -> tuple[Array, RMSNormCache]:
        """Return Y; the cache is an RMSNormCache."""
        check_floating(self, X)
        check_last_axes(self, X, self.normalized_shape)
        eps = np.finfo(X.dtype).eps if self.eps is None else self.eps
        rows = X.reshape(-1, math.prod(self.normalized_shape))
        weight = self._gain()
        Y, scale = empty(rows.shape, np.result_type(rows, weight)), np.empty((len(rows), 1), rows.dtype)

        def normalise(part: slice) -> None:
            scale[part] = 1 / np.sqrt(row_means_of_product(rows[part], rows[part]) + X.real.dtype.type(eps))
            y = np.multiply(rows[part], scale[part], out=Y[part])
            y *= weight

        run_parts(normalise, cut_rows(rows))
        return Y.reshape(X.shape), RMSNormCache(rows, scale, X.shape)

    def backward(self, dY: Array, cache: RMSNormCache) -> tuple[Array, Arrays]:
        """Return dX and the gradient of weight."""
        X, scale, shape = cache
        check_cotangent(self, dY, shape)
        dY, weight = dY.reshape(X.shape), self._gain()
        dX = empty(X.shape, np.result_type(dY, weight))

        def return_through(part: slice) -> Array:
            Xhat = np.multiply(X[part], scale[part], out=empty(X[part].shape, X.dtype))
            dweight = sum_rows_of_product(dY[part], Xhat)
            dx = np.multiply(dY[part], weight, out=dX[part])  # dXhat
            Xhat *= row_means_of_product(dx, Xhat)
            dx -= Xhat
            dx *= scale[part]
            return dweight

        dweight = sum_parts(return_through, cut_rows(X)).reshape(self.normalized_shape)
        return dX.reshape(shape), {} if self.weight is None else {"weight": dweight}

    def _gain(self) -> Array | float:
        return 1.0 if self.weight is None else self.weight.ravel()
