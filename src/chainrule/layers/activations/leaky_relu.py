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

from chainrule.layers.activations.relu import zeros_for
from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class LeakyReLU(Layer):
    """`Y = max(X, 0) + negative_slope N` with the negative part `N = min(X, 0)`, any shape."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.negative_slope = float(negative_slope)

    def __repr__(self) -> str:
        return f"LeakyReLU(negative_slope={self.negative_slope:g})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is X."""
        check_floating(self, X)
        zeros = zeros_for(X)
        N = np.minimum(X, zeros)
        Y = np.maximum(X, zeros)
        N *= self.negative_slope
        Y += N
        return Y, X

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        X = cache
        check_cotangent(self, dY, X.shape)
        dX = dY * (X > 0)
        leak = dY - dX  # the rest of dY, where X ≤ 0
        leak *= self.negative_slope
        dX += leak
        return dX, {}
