"""Focal loss of the sigmoid of logits against targets 0 or 1, mean over all entries.

Indices
    s  sample      n  feature

Forward
    Z[s,n] = (2 * T[s,n] - 1) * X[s,n]
    a[s,n] = alpha * T[s,n] + (1 - alpha) * (1 - T[s,n])
    Q[s,n] = sigmoid(-Z[s,n])
    C[s,n] = softplus(-Z[s,n])
    L      = mean[s,n](a[s,n] * Q[s,n]^gamma * C[s,n])
    assume gamma > 0

Backward
    dZ[s,n] = -a[s,n] * Q[s,n]^gamma * (Q[s,n] + gamma * (1 - Q[s,n]) * C[s,n]) / (size[s] * size[n])
    dX[s,n] = (2 * T[s,n] - 1) * dZ[s,n]

Why: Z is the logit, turned round where the target is 0, so that 1 − Q is the probability of what is right. Q has the
slope −Q (1 − Q), so Q^γ has −γ Q^γ (1 − Q); the cross-entropy C has −Q; the product rule adds both. (Lin, Goyal,
Girshick, He and Dollár, 2017, arXiv:1708.02002, equation 5; `torchvision.ops.sigmoid_focal_loss`.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chainrule.layers.activations.sigmoid import sigmoid
from chainrule.layers.activations.softplus import softplus
from chainrule.layers.base import Array
from chainrule.layers.losses.loss import Loss, mean_of, take_targets


class SigmoidFocalCache(NamedTuple):
    """What the backward needs."""

    sign: Array  # 1 where the target is 1, else −1
    weight: Array  # a Q^γ
    Q: Array
    surprise: Array  # log(1 + exp(−Z))


class SigmoidFocalLoss(Loss):
    """`L = mean(a Q^γ log(1 + exp(−Z)))`, Q what the right answer lacks to probability 1.

    Targets of the shape of X, each 0 or 1. `alpha` from 0 to 1 weighs the ones and 1 − alpha the zeros; γ from 0 up.
    """

    def __init__(self, alpha: float = 0.25, gamma: float = 2.0) -> None:
        if not 0 <= alpha <= 1 or not gamma >= 0:
            raise ValueError(
                f"SigmoidFocalLoss: alpha is {alpha!r} and gamma {gamma!r}, but alpha must lie between 0 and 1, "
                "and gamma must be at least 0"
            )
        self.alpha, self.gamma = float(alpha), float(gamma)

    def __repr__(self) -> str:
        return f"SigmoidFocalLoss(alpha={self.alpha:g}, gamma={self.gamma:g})"

    def forward(self, X: Array, targets: Array) -> tuple[Any, SigmoidFocalCache]:
        """Return the loss; the cache is a SigmoidFocalCache."""
        T = take_targets(self, X, targets)
        if not np.isin(T, (0, 1)).all():
            raise ValueError(f"{self!r}: targets must each be 0 or 1, but run from {T.min():g} to {T.max():g}")
        sign = 2 * T - 1
        Z = sign * X
        Q, surprise = sigmoid(-Z), softplus(-Z)
        weight = (self.alpha * T + (1 - self.alpha) * (1 - T)) * Q**self.gamma
        return mean_of(weight * surprise), SigmoidFocalCache(sign, weight, Q, surprise)

    def backward(self, cache: SigmoidFocalCache) -> Array:
        """Return dX."""
        sign, weight, Q, surprise = cache
        dZ = weight * (Q + self.gamma * (1 - Q) * surprise)
        dZ *= sign
        dZ /= -dZ.size
        return dZ
