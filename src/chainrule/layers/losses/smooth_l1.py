"""Smooth absolute error: squared near the target, with slope 1 far from it, mean over all entries.

Indices
    s  sample      n  feature

Forward
    D[s,n] = X[s,n] - T[s,n]
    L      = mean[s,n](where(abs(D[s,n]) < beta, D[s,n]^2 / (2 * beta), abs(D[s,n]) - beta / 2))

Backward
    dX[s,n] = where(abs(D[s,n]) < beta, D[s,n] / beta, sign(D[s,n])) / (size[s] * size[n])

Forward, beta=0
    D[s,n] = X[s,n] - T[s,n]
    L      = mean[s,n](abs(D[s,n]))

Backward, beta=0
    dX[s,n] = sign(D[s,n]) / (size[s] * size[n])

Why: each input stands in one term alone, whose slope grows from −1 to 1 while the difference goes from −beta to beta,
and stays there. It is the Huber loss divided by its delta; with beta = 0 it is the absolute error, whose slope where
the difference is 0 is taken as 0. (Girshick, 2015, arXiv:1504.08083, equation 3.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.losses.huber import clip
from chainrule.layers.losses.loss import Loss, mean_of, take_targets


class SmoothL1Loss(Loss):
    """`L = mean(D² / 2β where |D| < β, else |D| − β / 2)` of the differences `D = X − T`.

    Targets T of the shape of X, any shape that is not empty; β from 0 up, and with 0 it is the mean of |D|.
    """

    def __init__(self, *, beta: float = 1.0) -> None:
        if not beta >= 0:
            raise ValueError(f"SmoothL1Loss: beta is {beta!r}, but must be at least 0")
        self.beta = float(beta)

    def __repr__(self) -> str:
        return f"SmoothL1Loss(beta={self.beta:g})"

    def forward(self, X: Array, targets: Array) -> tuple[Any, Array]:
        """Return the loss; the cache is D."""
        D = X - take_targets(self, X, targets)
        if not self.beta:
            return mean_of(np.maximum(D, -D)), D
        near = clip(D, self.beta)
        return mean_of(near * (D - near / 2)) / self.beta, D

    def backward(self, cache: Array) -> Array:
        """Return dX."""
        D = cache
        dX = clip(D, self.beta) / self.beta if self.beta else np.sign(D)
        dX /= D.size
        return dX
