"""Negative log-likelihood of log-probabilities at target classes, a weighted mean over the batch.

Indices
    s r  sample      k  class

Forward
    L = -sum[s](w[y[s]] * X[s,y[s]]) / sum[s](w[y[s]])

Backward
    dX[s,k] = -delta[k,y[s]] * w[y[s]] / sum[r](w[y[r]])

Why: of each sample's log-probabilities the loss reads one, that of its class y, so all other gradients are 0. Its share
is the weight of the class over the sum of the weights in the batch: 1 / S without weights, and 0 for an ignored sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.losses.loss import Loss, check_class_numbers, check_scores


class NLLLoss(Loss):
    """`L = −Σ w[y] X[y] / Σ w[y]` of log-probabilities X (S, K), such as `LogSoftmax` gives.

    Targets y are class numbers (S), integers from 0 to K − 1. `weight` w (K) weighs the classes, 1 where it is None.
    Samples whose target is `ignore_index` do not count; one at least must.
    """

    def __init__(self, weight: Array | None = None, *, ignore_index: int = -100) -> None:
        self.weight = None if weight is None else np.asarray(weight)
        self.ignore_index = ignore_index
        if self.weight is not None and (self.weight.ndim != 1 or not (self.weight >= 0).all()):
            raise ValueError(f"NLLLoss: weight is {weight!r}, but must be a row of numbers from 0 up")

    def forward(self, X: Array, targets: Array) -> tuple[Any, tuple[Array, Array, Array]]:
        """Return the loss; the cache is X, the class of each sample, and the sample's share in the mean."""
        y = np.asarray(targets)
        check_scores(self, X, y)
        counted = y != self.ignore_index
        y = check_class_numbers(self, np.where(counted, y, 0), X.shape[1])
        share = counted.astype(X.real.dtype)
        if self.weight is not None:
            if self.weight.shape != X.shape[1:]:
                raise ValueError(f"{self!r}: X has shape {X.shape}, but weight {self.weight.shape}: one for each class")
            share *= self.weight[y]
        if not share.sum() > 0:
            raise ValueError(f"{self!r}: no sample counts: all targets are ignored or have weight 0")
        share /= share.sum()
        return -np.dot(share, X[np.arange(len(X)), y]), (X, y, share)

    def backward(self, cache: tuple[Array, Array, Array]) -> Array:
        """Return dX."""
        X, y, share = cache
        dX = np.zeros_like(X)
        dX[np.arange(len(X)), y] = -share
        return dX
