"""Kullback-Leibler divergence of log-probabilities from target probabilities.

Indices
    s  sample      k  class

Forward
    L = mean[s,k](T[s,k] * (log(T[s,k]) - X[s,k]))

Backward
    dX[s,k] = -T[s,k] / (size[s] * size[k])

Forward, reduction="batchmean"
    L = sum[s,k](T[s,k] * (log(T[s,k]) - X[s,k])) / size[s]

Backward, reduction="batchmean"
    dX[s,k] = -T[s,k] / size[s]

Forward, log_target=True
    L = mean[s,k](exp(T[s,k]) * (T[s,k] - X[s,k]))

Backward, log_target=True
    dX[s,k] = -exp(T[s,k]) / (size[s] * size[k])

Why: X holds log-probabilities and stands in the loss as a line with slope −T; what T itself contributes is a constant.
PyTorch's mean is over all entries; the divergence of distributions, averaged over the batch, is "batchmean".
(Kullback and Leibler, 1951, doi:10.1214/aoms/1177729694.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.losses.loss import Loss, take_targets


class KLDivLoss(Loss):
    """`L = mean(T (log T − X))` of log-probabilities X, the first axis being that of samples.

    Targets T of the shape of X are probabilities, of which 0 counts nothing, or with `log_target=True` their
    logarithms. `reduction` is "mean", over all entries, or "batchmean": the sum divided by the number of samples.
    """

    def __init__(self, *, reduction: str = "mean", log_target: bool = False) -> None:
        if reduction not in ("mean", "batchmean"):
            raise ValueError(f"KLDivLoss: reduction is {reduction!r}, but must be 'mean' or 'batchmean'")
        self.reduction, self.log_target = reduction, log_target

    def __repr__(self) -> str:
        return f"KLDivLoss(reduction={self.reduction!r}{', log_target=True' if self.log_target else ''})"

    def forward(self, X: Array, targets: Array) -> tuple[Any, tuple[Array, int]]:
        """Return the loss; the cache is T as probabilities, and the number that the sum is divided by."""
        T = take_targets(self, X, targets)
        if self.log_target:
            T, log_T = np.exp(T), T
        elif T.min() < 0:
            raise ValueError(f"{self!r}: targets have an entry {T.min():g}, but probabilities are not negative")
        else:
            log_T = np.log(T, where=T > 0, out=np.zeros_like(T))  # 0 log 0 counts as 0
        divisor = X.size if self.reduction == "mean" else len(X)
        D = np.subtract(log_T, X, where=T > 0, out=np.zeros_like(X))  # and so does 0 times an X of −∞
        return np.dot(T.ravel(), D.ravel()) / T.dtype.type(divisor), (T, divisor)

    def backward(self, cache: tuple[Array, int]) -> Array:
        """Return dX."""
        T, divisor = cache
        return T / -divisor
