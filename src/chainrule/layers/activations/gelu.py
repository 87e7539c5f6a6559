"""Gaussian error linear unit, entry by entry.

Indices
    s  sample      n  feature

Forward
    P[s,n] = (1 + erf(X[s,n] / sqrt(2))) / 2
    Y[s,n] = X[s,n] * P[s,n]

Backward
    dX[s,n] = dY[s,n] * (P[s,n] + X[s,n] * exp(-X[s,n]^2 / 2) / sqrt(2 * pi))

Forward, approximate="tanh"
    Z[s,n] = sqrt(2 / pi) * (X[s,n] + 0.044715 * X[s,n]^3)
    P[s,n] = (1 + tanh(Z[s,n])) / 2
    Y[s,n] = X[s,n] * P[s,n]

Backward, approximate="tanh"
    dX[s,n] = dY[s,n] * (P[s,n] + X[s,n] * 2 * P[s,n] * (1 - P[s,n]) * sqrt(2 / pi) * (1 + 0.134145 * X[s,n]^2))

Why: each output depends on its own input alone, through two factors. The product rule gives the gate P, the normal
distribution function, and x times its derivative, the normal density; or what tanh makes of both, an approximation to
about 0.0005 that older networks were trained with. (Hendrycks and Gimpel, 2016, arXiv:1606.08415.)
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.layers.activations.normal import normal_cdf_and_density
from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating
from chainrule.layers.memory import empty_like
from chainrule.threads import run_pieces

CUBIC = 0.044715
SCALE = math.sqrt(2 / math.pi)
IN_CACHE = 1 << 15  # entries, on which there are some thirty operations


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
        """Return Y; the cache is the slope of each entry, P + X P'."""
        check_floating(self, X)
        Y, slope = empty_like(X), empty_like(X)
        run_pieces(lambda x, s, y: apply_gelu(x, s, y, self.approximate), IN_CACHE, X, slope, Y)
        return Y, slope

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        slope = cache
        check_cotangent(self, dY, slope.shape)
        dX = empty_like(slope, np.result_type(dY, slope))
        run_pieces(np.multiply, IN_CACHE, dY, slope, dX)
        return dX, {}


def apply_gelu(X: Array, slope: Array | None, Y: Array, approximate: str = "none") -> None:
    """Write X P into Y, which may be X itself, and P + X P' into `slope` where that is given."""
    P, own_slope = normal_cdf_and_density(X) if approximate == "none" else tanh_gate(X)
    if slope is not None:
        np.multiply(own_slope, X, out=slope)
        slope += P
    np.multiply(X, P, out=Y)


def tanh_gate(X: Array) -> tuple[Array, Array]:
    """Return P = (1 + tanh Z) / 2 with Z = √(2/π) (X + 0.044715 X³), and its derivative 2 P (1 − P) dZ/dX."""
    bound = np.full_like(X, 10)  # beyond it P is 0 or 1 to rounding, and X³ might overflow
    X = np.maximum(np.minimum(X, bound), -bound)
    squares = X * X
    P = np.tanh(SCALE * X * (1 + CUBIC * squares))
    P += 1
    P *= 0.5
    slope = (2 * SCALE) * (1 + (3 * CUBIC) * squares)
    slope *= P
    slope *= 1 - P
    return P, slope
