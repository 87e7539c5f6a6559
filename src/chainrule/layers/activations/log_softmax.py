"""Logarithm of the softmax, without the loss of digits of taking one after the other.

Indices
    s  sample      k c  class

Forward
    Y[s,k] = X[s,k] - log(sum[c](exp(X[s,c])))

Backward
    dX[s,k] = dY[s,k] - exp(Y[s,k]) * sum[c](dY[s,c])

Why: X[s,k] reaches its own output directly, and all outputs of its sample through the logarithm of the sum, whose
derivative exp(X[s,k]) / Σ_c exp(X[s,c]) is the softmax, exp(Y[s,k]).
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_axis, check_cotangent, check_floating


class LogSoftmax(Layer):
    """`Y = X − log Σ exp(X)`, the sum along axis `dim`; any shape."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def __repr__(self) -> str:
        return f"LogSoftmax(dim={self.dim})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is Y. The maximum is taken away first, which changes nothing but keeps exp finite."""
        check_floating(self, X)
        check_axis(self, X, "dim", self.dim)
        Y = X - X.max(axis=self.dim, keepdims=True)
        Y -= np.log(np.exp(Y).sum(axis=self.dim, keepdims=True))
        return Y, Y

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        Y = cache
        check_cotangent(self, dY, Y.shape)
        dX = np.exp(Y)
        dX *= dY.sum(axis=self.dim, keepdims=True)
        np.subtract(dY, dX, out=dX)
        return dX, {}
