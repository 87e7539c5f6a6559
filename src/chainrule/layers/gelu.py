"""Gaussian error linear unit, entry by entry.

Indices
    s  sample      n  feature

Forward
    P[s,n] = (1 + erf(X[s,n] / sqrt(2))) / 2
    Y[s,n] = X[s,n] * P[s,n]

Backward
    dX[s,n] = dY[s,n] * (P[s,n] + X[s,n] * exp(-X[s,n]^2 / 2) / sqrt(2 * pi))

Why: each output depends on its own input alone, through two factors. The product rule gives the gate P, the normal
distribution function, and x times its derivative, the normal density. With approximate="tanh" the gate is
(1 + tanh(√(2/π) (x + 0.044715 x³))) / 2 instead. (Hendrycks and Gimpel, 2016, arXiv:1606.08415.)
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating
from chainrule.layers.normal import normal_cdf_and_density

CUBIC = 0.044715
SCALE = math.sqrt(2 / math.pi)


class GELU(Layer):
    """`Y = X ∘ Φ(X)` with the normal distribution function Φ, or its approximation by tanh; any shape.

    `approximate` is "none" or "tanh"; anything else is a ValueError.
    """

    def __init__(self, approximate: str = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise ValueError(f"GELU: approximate is {approximate!r}, but must be 'none' or 'tanh'")
        self.approximate = approximate

    def __repr__(self) -> str:
        return f"GELU(approximate={self.approximate!r})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is the slope of each entry."""
        check_floating(self, X)
        P, slope = normal_cdf_and_density(X) if self.approximate == "none" else tanh_gate(X)
        slope *= X
        slope += P
        P *= X
        return P, slope

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        slope = cache
        check_cotangent(self, dY, slope.shape)
        return dY * slope, {}


def tanh_gate(X: Array) -> tuple[Array, Array]:
    """Return P = (1 + tanh(z)) / 2 with z = √(2/π) (X + 0.044715 X³), and its derivative dz/dX (1 − tanh² z) / 2."""
    X = np.maximum(np.minimum(X, 10), -10)  # beyond it the gate is 0 or 1 and its slope 0, and X³ might overflow
    squares = X * X
    T = np.tanh(SCALE * X * (1 + CUBIC * squares))
    return (1 + T) / 2, (1 - T * T) * (SCALE / 2 * (1 + 3 * CUBIC * squares))
