"""Mean squared error.

Indices
    s  sample      n  feature

Forward
    L = mean[s,n]((X[s,n] - T[s,n])^2)

Backward
    dX[s,n] = 2 * (X[s,n] - T[s,n]) / (size[s] * size[n])

Why: each input stands in one square alone, whose derivative is twice the difference; the mean divides by the number of
all entries, samples and features alike, as in PyTorch.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.losses.loss import Loss, take_targets


class MSELoss(Loss):
    """`L = mean((X − T)²)` over all entries. Targets T of the shape of X, any shape that is not empty."""

    def forward(self, X: Array, targets: Array) -> tuple[Any, Array]:
        """Return the loss; the cache is X − T."""
        D = X - take_targets(self, X, targets)
        return np.dot(D.ravel(), D.ravel()) / D.size, D

    def backward(self, cache: Array) -> Array:
        """Return dX."""
        D = cache
        return D * (2 / D.size)
