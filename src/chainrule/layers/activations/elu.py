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

from chainrule.layers.activations.relu import zeros_for
from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class ELU(Layer):
    """`Y = max(X, 0) + α (exp(N) − 1)` with the negative part `N = min(X, 0)`, any shape."""

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = float(alpha)

    def __repr__(self) -> str:
        return f"ELU(alpha={self.alpha:g})"

    def forward(self, X: Array) -> tuple[Array, tuple[Array, Array]]:
        """Return Y; the cache is X and α (exp(N) − 1)."""
        check_floating(self, X)
        zeros = zeros_for(X)
        N = np.minimum(X, zeros)
        Y = np.maximum(X, zeros)
        below = expm1_in_place(N)
        if self.alpha != 1:
            below *= self.alpha
        Y += below
        return Y, (X, below)

    def backward(self, dY: Array, cache: tuple[Array, Array]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        X, below = cache
        check_cotangent(self, dY, X.shape)
        slope = below + self.alpha  # α exp(N), which is α where X > 0
        if self.alpha != 1:
            slope[X > 0] = 1
        slope *= dY
        return slope, {}


def expm1_in_place(N: Array) -> Array:
    """Return exp(N) − 1 of entries N ≤ 0, written over N; accurate near 0 as well, where exp(N) is almost 1.

    In float32 as 2 t / (1 − t) with t = tanh(N / 2): NumPy computes tanh eight numbers at a time, but expm1 one by one.
    """
    if N.dtype != np.float32:
        return np.expm1(N, out=N)
    N *= 0.5
    t = np.tanh(N, out=N)
    rest = 1 - t
    t += t
    t /= rest
    return t
