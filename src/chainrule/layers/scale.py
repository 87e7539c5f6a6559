"""Every entry times one number.

Indices
    s  sample      n  feature

Forward
    Y[s,n] = factor * X[s,n]

Backward
    dX[s,n] = factor * dY[s,n]

Why: the map is linear, and its transpose is itself. Before a softmax the factor is the inverse of a temperature; beside
a layer it changes how fast that layer learns, as gradients of its parameters are scaled too.
"""

from __future__ import annotations

import math

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class Scale(Layer):
    """`Y = factor X`, any shape; the factor is not trained. Raises ValueError unless it is a finite number."""

    def __init__(self, factor: float) -> None:
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not math.isfinite(factor):
            raise ValueError(f"Scale: factor is {factor!r}, but must be a finite number")
        self.factor = float(factor)

    def __repr__(self) -> str:
        return f"Scale({self.factor:g})"

    def forward(self, X: Array) -> tuple[Array, tuple[int, ...]]:
        """Return Y; the cache is its shape."""
        check_floating(self, X)
        return self.factor * X, X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        check_cotangent(self, dY, cache)
        return self.factor * dY, {}
