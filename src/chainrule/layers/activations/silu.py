"""Sigmoid linear unit (swish), entry by entry.

Indices
    s  sample      n  feature

Forward
    R[s,n] = 1 / (1 + exp(-X[s,n]))
    Y[s,n] = X[s,n] * R[s,n]

Backward
    dX[s,n] = dY[s,n] * (R[s,n] + Y[s,n] * (1 - R[s,n]))

Why: each output depends on its own input alone, through two factors. The product rule gives the gate R itself, and x
times the gate's slope R (1 − R), in which x R is the output again. (Elfwing, Uchibe and Doya, 2017, arXiv:1702.03118.)
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.activations.sigmoid import sigmoid
from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class SiLU(Layer):
    """`Y = X ∘ R` with the gate `R = 1 / (1 + exp(−X))`, any shape."""

    def __repr__(self) -> str:
        return "SiLU()"

    def forward(self, X: Array) -> tuple[Array, tuple[Array, Array]]:
        """Return Y; the cache is R and Y."""
        check_floating(self, X)
        R = sigmoid(X)
        Y = X * R
        return Y, (R, Y)

    def backward(self, dY: Array, cache: tuple[Array, Array]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        R, Y = cache
        check_cotangent(self, dY, Y.shape)
        dX = np.subtract(1, R)
        dX *= Y
        dX += R
        dX *= dY
        return dX, {}
