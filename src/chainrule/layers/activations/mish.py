"""Mish: an input, gated by the hyperbolic tangent of its softplus, entry by entry.

Indices
    s  sample      n  feature

Forward
    R[s,n] = tanh(softplus(X[s,n]))
    Y[s,n] = X[s,n] * R[s,n]

Backward
    dX[s,n] = dY[s,n] * (R[s,n] + X[s,n] * (1 - R[s,n]^2) * sigmoid(X[s,n]))

Why: each output depends on its own input alone, through two factors. The product rule gives the gate R itself, and x
times the gate's slope: 1 − R² of the hyperbolic tangent, times the sigmoid, which is the slope of softplus.
(Misra, 2019, arXiv:1908.08681.)
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.activations.sigmoid import sigmoid
from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating

FAR = 22  # beyond it the gate is 1 to rounding, and exp(x)² might overflow further on


class Mish(Layer):
    """`Y = X ∘ R` with the gate `R = tanh(log(1 + exp(X)))`, any shape."""

    def __repr__(self) -> str:
        return "Mish()"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is the slope of each entry.

        With E = exp(X) the gate is N / (N + 2), N = E (E + 2), and 1 − R² is 4 (N + 1) / (N + 2)².
        """
        check_floating(self, X)
        near = np.minimum(X, X.dtype.type(FAR))
        E = np.exp(near)
        N = E * (E + 2)
        R = N / (N + 2)
        slope = 4 * (N + 1) / (N + 2) ** 2
        slope *= near
        slope *= sigmoid(X)
        slope += R
        return np.multiply(X, R, out=R), slope

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        slope = cache
        check_cotangent(self, dY, slope.shape)
        return dY * slope, {}
