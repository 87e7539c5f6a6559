"""Binary cross-entropy of the sigmoid of logits against targets from 0 to 1, mean over all entries.

Indices
    s  sample      n  feature

Forward
    L = mean[s,n](pos_weight[n] * T[s,n] * softplus(-X[s,n]) + (1 - T[s,n]) * softplus(X[s,n]))

Backward
    P[s,n]  = sigmoid(X[s,n])
    dX[s,n] = ((1 - T[s,n]) * P[s,n] - pos_weight[n] * T[s,n] * (1 - P[s,n])) / (size[s] * size[n])

Why: softplus, log(1 + exp(x)), has the sigmoid P as its slope, and that of −x has −(1 − P). Where pos_weight is 1 that
leaves (P − T) / size, as cross-entropy of classes does; the mean divides by the number of all entries.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.layers.activations.sigmoid import sigmoid
from chainrule.layers.activations.softplus import softplus
from chainrule.layers.base import Array
from chainrule.layers.losses.loss import Loss, mean_of, take_targets


class BCEWithLogitsLoss(Loss):
    """`L = mean(w T log(1 + exp(−X)) + (1 − T) log(1 + exp(X)))` over all entries; finite for all finite logits.

    Targets T of the shape of X, from 0 to 1. `pos_weight` w, a number or one for each feature on the last axis, weighs
    the positive targets: 1 where there is none.
    """

    def __init__(self, *, pos_weight: Array | float | None = None) -> None:
        self.pos_weight: Array = np.asarray(1.0 if pos_weight is None else pos_weight)
        if self.pos_weight.ndim > 1 or not (self.pos_weight >= 0).all():
            raise ValueError(
                f"BCEWithLogitsLoss: pos_weight is {pos_weight!r}, but must be numbers from 0 up, at most a row"
            )

    def forward(self, X: Array, targets: Array) -> tuple[Any, tuple[Array, Array, Array]]:
        """Return the loss; the cache is X, w T and 1 − T."""
        T = take_targets(self, X, targets)
        if T.min() < 0 or T.max() > 1:
            raise ValueError(f"{self!r}: targets run from {T.min():g} to {T.max():g}, but must lie in 0 … 1")
        if self.pos_weight.ndim and self.pos_weight.shape != X.shape[-1:]:
            raise ValueError(
                f"{self!r}: X has shape {X.shape}, but pos_weight {self.pos_weight.shape}, which must be {X.shape[-1:]}"
            )
        positive, negative = T * self.pos_weight.astype(T.dtype), 1 - T
        return mean_of(positive * softplus(-X) + negative * softplus(X)), (X, positive, negative)

    def backward(self, cache: tuple[Array, Array, Array]) -> Array:
        """Return dX."""
        X, positive, negative = cache
        dX = negative * sigmoid(X)
        dX -= positive * sigmoid(-X)
        dX /= X.size
        return dX
