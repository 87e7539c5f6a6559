"""Makes one axis of several: an array of channels becomes a row of features.

Indices
    s  sample      c  channel      i  place in the channel      n  output feature

Forward
    Y[s,n] = sum[c,i](X[s,c,i] * delta[n,width*c+i])

Backward
    dX[s,c,i] = dY[s,width*c+i]

Why: every entry of X goes to one entry of Y, number width c + i of its row, where width is the number of places;
nothing is computed, so its cotangent comes back from there unchanged.
"""

from __future__ import annotations

import math

from chainrule.layers.base import Array, Arrays, Layer, check_axis, check_cotangent


class Flatten(Layer):
    """The axes from `start_dim` to `end_dim`, both included, become one; no data is copied where memory allows."""

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def __repr__(self) -> str:
        return f"Flatten(start_dim={self.start_dim}, end_dim={self.end_dim})"

    def forward(self, X: Array) -> tuple[Array, tuple[int, ...]]:
        """Return Y, a view of X where possible; the cache is the shape of X."""
        check_axis(self, X, "start_dim", self.start_dim)
        check_axis(self, X, "end_dim", self.end_dim)
        return X.reshape(self._flat(X.shape)), X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Arrays]:
        """Return dX, a view of dY where possible; there are no parameters."""
        shape = cache
        check_cotangent(self, dY, self._flat(shape))
        return dY.reshape(shape), {}

    def _flat(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        first, last = self.start_dim % len(shape), self.end_dim % len(shape)
        if first > last:
            raise ValueError(f"{self!r}: start_dim comes after end_dim in X of shape {shape}")
        return *shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]
