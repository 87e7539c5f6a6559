"""Rectified linear unit that leaks below zero, entry by entry.

Indices
    s  sample      n  feature

Forward
    Y[s,n] = where(X[s,n] > 0, X[s,n], negative_slope * X[s,n])

Backward
    dX[s,n] = dY[s,n] * where(X[s,n] > 0, 1, negative_slope)

Why: each output depends on its own input alone, through one of two straight lines. At x = 0 there is no derivative; the
slope there is taken as negative_slope, as in PyTorch.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class LeakyReLU(Layer):
    """`Y = max(X, 0) + a min(X, 0)` with a = negative_slope, any shape."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = float(negative_slope)

    def __repr__(self) -> str:
        return f"LeakyReLU(negative_slope={self.negative_slope:g})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is X."""
        check_floating(self, X)
        Y = np.minimum(X, 0)
        Y *= self.negative_slope
        Y += np.maximum(X, 0)
        return Y, X

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        X = cache
        check_cotangent(self, dY, X.shape)
        dX = np.multiply(X > 0, 1 - self.negative_slope, dtype=X.dtype)
        dX += self.negative_slope
        dX *= dY
        return dX, {}
