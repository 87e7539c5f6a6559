"""Exponential linear unit, entry by entry.

Indices
    s  sample      n  feature

Forward
    Y[s,n] = where(X[s,n] > 0, X[s,n], alpha * (exp(X[s,n]) - 1))

Backward
    dX[s,n] = dY[s,n] * where(X[s,n] > 0, 1, alpha * exp(X[s,n]))

Why: each output depends on its own input alone, so the Jacobian is diagonal and the chain rule is an entrywise product.
Below zero the slope is what the exponential leaves, alpha exp(x), which is alpha more than the output itself. At x = 0
the lower branch holds, as in PyTorch: slope alpha. (Clevert, Unterthiner and Hochreiter, 2015, arXiv:1511.07289.)
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class ELU(Layer):
    """`Y = max(X, 0) + α (exp(min(X, 0)) − 1)`, any shape."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = float(alpha)

    def __repr__(self) -> str:
        return f"ELU(alpha={self.alpha:g})"

    def forward(self, X: Array) -> tuple[Array, tuple[Array, Array]]:
        """Return Y; the cache is X and its part below zero, α (exp(min(X, 0)) − 1)."""
        check_floating(self, X)
        below = np.minimum(X, 0)
        np.expm1(below, out=below)
        if self.alpha != 1:
            below *= self.alpha
        Y = np.maximum(X, 0)
        Y += below
        return Y, (X, below)

    def backward(self, dY: Array, cache: tuple[Array, Array]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        X, below = cache
        check_cotangent(self, dY, X.shape)
        dX = below + self.alpha  # α exp(min(X, 0)), which is α wherever X > 0
        if self.alpha != 1:
            dX += (1 - self.alpha) * (X > 0)
        dX *= dY
        return dX, {}
