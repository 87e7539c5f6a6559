"""Huber loss: squared error near the target, absolute error far from it, mean over all entries.

Indices
    s  sample      n  feature

Forward
    D[s,n] = X[s,n] - T[s,n]
    L      = mean[s,n](where(abs(D[s,n]) < delta_, D[s,n]^2 / 2, delta_ * (abs(D[s,n]) - delta_ / 2)))

Backward
    dX[s,n] = where(abs(D[s,n]) < delta_, D[s,n], delta_ * sign(D[s,n])) / (size[s] * size[n])

Why: each input stands in one term alone, with the difference as its slope where that is smaller than delta, and ± delta
beyond; the two meet at the same slope, so there is no kink. The mean divides by the number of all entries. (Huber,
1964, doi:10.1214/aoms/1177703732; `delta_` is the argument delta, as delta[i,j] is the Kronecker delta.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.losses.loss import Loss, mean_of, take_targets


class HuberLoss(Loss):
    """`L = mean(D² / 2 where |D| < δ, else δ (|D| − δ / 2))` of the differences `D = X − T`.

    Targets T of the shape of X, any shape that is not empty; δ must be positive.
    """

    def __init__(self, delta: float = 1.0) -> None:
        if not delta > 0:
            raise ValueError(f"HuberLoss: delta is {delta!r}, but must be positive")
        self.delta = float(delta)

    def __repr__(self) -> str:
        return f"HuberLoss(delta={self.delta:g})"

    def forward(self, X: Array, targets: Array) -> tuple[Any, Array]:
        """Return the loss; the cache is D."""
        D = X - take_targets(self, X, targets)
        near = clip(D, self.delta)
        return mean_of(near * (D - near / 2)), D  # |D| = |near| gives D² / 2, else ± δ (D ∓ δ / 2)

    def backward(self, cache: Array) -> Array:
        """Return dX."""
        D = cache
        dX = clip(D, self.delta)
        dX /= D.size
        return dX


def clip(D: Array, delta: float) -> Array:
    """Return D within −δ … δ, in a new array."""
    bound = D.dtype.type(delta)
    return np.maximum(np.minimum(D, bound), -bound)
