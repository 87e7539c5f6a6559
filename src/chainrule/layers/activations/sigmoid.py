"""Logistic sigmoid, entry by entry.

Indices
    s  sample      n  feature

Forward
    Y[s,n] = 1 / (1 + exp(-X[s,n]))

Backward
    dX[s,n] = dY[s,n] * Y[s,n] * (1 - Y[s,n])

Why: each output depends on its own input alone. The derivative exp(−x) / (1 + exp(−x))² is the output times what the
output lacks to 1, so the output is all that backward needs.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class Sigmoid(Layer):
    """`Y = 1 / (1 + exp(−X))`, any shape."""

    def __repr__(self) -> str:
        return "Sigmoid()"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is Y."""
        check_floating(self, X)
        Y = sigmoid(X)
        return Y, Y

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        Y = cache
        check_cotangent(self, dY, Y.shape)
        dX = 1 - Y
        dX *= Y
        dX *= dY
        return dX, {}


def sigmoid(X: Array) -> Array:
    """Return 1 / (1 + exp(−X)), accurate to rounding for every X, in a new array."""
    Y = np.negative(X)
    with np.errstate(over="ignore"):  # far below zero exp(−x) becomes infinite, and its reciprocal the right 0
        np.exp(Y, out=Y)
    Y += 1
    return np.reciprocal(Y, out=Y)
