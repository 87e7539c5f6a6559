"""Hyperbolic tangent, entry by entry.

Indices
    s  sample      n  feature

Forward
    Y[s,n] = tanh(X[s,n])

Backward
    dX[s,n] = dY[s,n] * (1 - Y[s,n]^2)

Why: each output depends on its own input alone, and tanh' = 1 − tanh², so the output is all that backward needs. Where
the output is near ±1 the slope is near 0: the unit is saturated.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class Tanh(Layer):
    """`Y = tanh(X)`, any shape."""

    def __repr__(self) -> str:
        return "Tanh()"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is Y."""
        check_floating(self, X)
        Y = np.tanh(X)
        return Y, Y

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        Y = cache
        check_cotangent(self, dY, Y.shape)
        dX = Y * Y
        np.subtract(1, dX, out=dX)
        dX *= dY
        return dX, {}
