"""Focal loss of the softmax of logits at target classes: cross-entropy in which samples that are right count less.

Indices
    s  sample      k c  class

Forward
    P[s,k] = exp(X[s,k]) / sum[c](exp(X[s,c]))
    p[s]   = P[s,y[s]]
    L      = -mean[s]((1 - p[s])^gamma * log(p[s]))

Backward
    g[s]    = gamma * (1 - p[s])^(gamma - 1) * p[s] * log(p[s]) - (1 - p[s])^gamma
    dX[s,k] = g[s] * (delta[k,y[s]] - P[s,k]) / size[s]

Why: p is the probability of the sample's class; g is the derivative of −(1 − p)^γ log p with respect to log p, by the
product rule and dp = p d(log p). From there on it is cross-entropy, where a logit counts once directly, if it is that
of the class, and once through the sum: δ − P. (Lin, Goyal, Girshick, He and Dollár, 2017, arXiv:1708.02002.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.losses.cross_entropy import softmax_and_log
from chainrule.layers.losses.loss import Loss, check_class_numbers, check_scores, mean_of


class FocalCache(NamedTuple):
    """What the backward of the focal loss needs."""

    P: Array
    y: Array
    log_p: Array  # of each sample's class
    missing: Array  # 1 − p


class FocalLoss(Loss):
    """`L = −mean((1 − p)^γ log p)`, p the softmax of logits X (S, K) at the sample's class.

    Targets are class numbers (S), integers from 0 to K − 1; γ from 0 up, and with 0 it is cross-entropy. Of two-valued
    targets on each logit alone `SigmoidFocalLoss` is the loss.
    """

    def __init__(self, gamma: float = 2.0) -> None:
        if not gamma >= 0:
            raise ValueError(f"FocalLoss: gamma is {gamma!r}, but must be at least 0")
        self.gamma = float(gamma)

    def __repr__(self) -> str:
        return f"FocalLoss(gamma={self.gamma:g})"

    def forward(self, X: Array, targets: Array) -> tuple[Any, FocalCache]:
        """Return the loss; the cache is a FocalCache."""
        y = np.asarray(targets)
        check_scores(self, X, y)
        check_class_numbers(self, y, X.shape[1])
        P, log_P = softmax_and_log(X)
        log_p = log_P[np.arange(len(X)), y]
        missing = -np.expm1(log_p)  # keeps its digits where p is nearly 1
        return mean_of(-(missing**self.gamma) * log_p), FocalCache(P, y, log_p, missing)

    def backward(self, cache: FocalCache) -> Array:
        """Return dX."""
        P, y, log_p, missing = cache
        g = -(missing**self.gamma)
        slope = np.divide(missing**self.gamma, missing, where=missing != 0, out=np.zeros_like(missing))
        g += self.gamma * slope * np.exp(log_p) * log_p
        g /= len(P)
        dX = P * -g[:, None]
        dX[np.arange(len(P)), y] += g
        return dX
