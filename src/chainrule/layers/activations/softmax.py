"""Softmax: positive numbers that sum to 1, in proportion to the exponentials of the inputs.

Indices
    s  sample      k c  class

Forward
    Y[s,k] = exp(X[s,k]) / sum[c](exp(X[s,c]))

Backward
    dX[s,k] = Y[s,k] * (dY[s,k] - sum[c](dY[s,c] * Y[s,c]))

Why: ∂Y[s,c]/∂X[s,k] = Y[s,c] (δ[c,k] − Y[s,k]), and other samples do not depend on X[s,k]. The delta leaves the entry's
own cotangent, the second term takes away the mean of the sample's cotangents, weighted by Y: adding a number to all
inputs of a sample changes nothing.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_axis, check_cotangent, check_floating


class Softmax(Layer):
    """`Y = exp(X) / Σ exp(X)`, the sum along axis `dim`; any shape."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def __repr__(self) -> str:
        return f"Softmax(dim={self.dim})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is Y. The maximum is taken away first, which changes nothing but keeps exp finite."""
        check_floating(self, X)
        check_axis(self, X, "dim", self.dim)
        with np.errstate(over="ignore"):  # a difference beyond the range becomes −∞, and its exponential the right 0
            Y = X - X.max(axis=self.dim, keepdims=True)
        np.exp(Y, out=Y)
        Y /= Y.sum(axis=self.dim, keepdims=True)
        return Y, Y

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        Y = cache
        check_cotangent(self, dY, Y.shape)
        dX = dY - (dY * Y).sum(axis=self.dim, keepdims=True)
        dX *= Y
        return dX, {}
