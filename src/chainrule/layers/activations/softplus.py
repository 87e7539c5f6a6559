"""Softplus: a rectifier without a kink, entry by entry.

Indices
    s  sample      n  feature

Forward
    Y[s,n] = where(beta * X[s,n] > threshold, X[s,n], log(1 + exp(beta * X[s,n])) / beta)

Backward
    dX[s,n] = dY[s,n] * where(beta * X[s,n] > threshold, 1, 1 / (1 + exp(-beta * X[s,n])))

Why: each output depends on its own input alone. The derivative of log(1 + exp(βx)) / β is exp(βx) / (1 + exp(βx)), the
sigmoid of βx. Beyond the threshold the output is x itself, as in PyTorch, with slope 1; there the sigmoid is nearly 1.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.activations.sigmoid import sigmoid
from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class Softplus(Layer):
    """`Y = log(1 + exp(βX)) / β`, and X itself where βX is beyond `threshold`; any shape. β must be positive."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        if not beta > 0:
            raise ValueError(f"Softplus: beta is {beta!r}, but must be positive")
        self.beta, self.threshold = float(beta), float(threshold)

    def __repr__(self) -> str:
        return f"Softplus(beta={self.beta:g}, threshold={self.threshold:g})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is the slope of each entry."""
        check_floating(self, X)
        with np.errstate(over="ignore"):  # an infinite β x lies beyond the threshold
            Z = X * self.beta
        Y = softplus(Z)
        Y /= self.beta
        slope, beyond = sigmoid(Z), Z.real > self.threshold
        np.copyto(Y, X, where=beyond)
        np.copyto(slope, 1, where=beyond)
        return Y, slope

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        slope = cache
        check_cotangent(self, dY, slope.shape)
        return dY * slope, {}


def softplus(X: Array) -> Array:
    """Return log(1 + exp(X)) = max(X, 0) + log(1 + exp(−|X|)), in a new array: finite, and accurate far below 0."""
    zero = X.dtype.type(0)
    Y = np.minimum(X, -X)
    np.exp(Y, out=Y)
    np.log1p(Y, out=Y)
    Y += np.maximum(X, zero)
    return Y
