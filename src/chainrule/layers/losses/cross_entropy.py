"""Cross-entropy of the softmax of logits against target classes or probabilities, mean over the batch.

Indices
    s  sample      k c  class

Forward
    P[s,k] = exp(X[s,k]) / sum[c](exp(X[s,c]))
    L      = -sum[s,k](T[s,k] * log(P[s,k])) / size[s]

Backward
    dX[s,k] = (P[s,k] * sum[c](T[s,c]) - T[s,k]) / size[s]

Forward, from_logits=False
    L = -sum[s,k](T[s,k] * log(X[s,k])) / size[s]

Backward, from_logits=False
    dX[s,k] = -T[s,k] / (X[s,k] * size[s])

Why: log P[s,k] = X[s,k] − log Σ_c exp X[s,c], so a logit counts once directly, weighted by its own target, and once
through the sum, weighted by all targets of its sample. Targets that sum to 1 leave (P − T) / S. With
`from_logits=False` X holds the probabilities themselves, each of which stands in one term alone.
"""

from __future__ import annotations

from math import e, log
from typing import Any

import numpy as np

from chainrule.layers.base import Array, check_floating
from chainrule.layers.losses.loss import Loss, check_class_numbers


class CrossEntropyLoss(Loss):
    """`L = −(1/S) Σ T log softmax(X)` of logits X (S, K); with `from_logits=False`, `L = −(1/S) Σ T log X`.

    Targets are class numbers (S), integers from 0 to K − 1, or probabilities T (S, K). `label_smoothing` ε, from 0 to
    1, replaces T by (1 − ε) T + ε / K. A probability 0 counts nothing where its target is 0, and makes the loss
    infinite elsewhere.
    """

    def __init__(self, *, label_smoothing: float = 0.0, from_logits: bool = True) -> None:
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"CrossEntropyLoss: label_smoothing is {label_smoothing}, but must lie between 0 and 1")
        self.label_smoothing, self.from_logits = float(label_smoothing), from_logits

    def __repr__(self) -> str:
        smoothing = f"label_smoothing={self.label_smoothing:g}" if self.label_smoothing else ""
        logits = "" if self.from_logits else "from_logits=False"
        return f"CrossEntropyLoss({', '.join(filter(None, (smoothing, logits)))})"

    def forward(self, X: Array, targets: Array) -> tuple[Any, tuple[Array, Array]]:
        """Return the loss; the cache is P (or, without logits, X) and T."""
        check_floating(self, X)
        if X.ndim != 2 or X.size == 0:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, K), neither of them 0")
        T = self._target_probabilities(X, np.asarray(targets))
        if self.from_logits:
            P, log_P = softmax_and_log(X)
        elif X.real.min() < 0:
            raise ValueError(f"{self!r}: X has an entry {X.real.min():g}, but probabilities are not negative")
        else:
            P = X
            with np.errstate(divide="ignore"):
                log_P = np.log(X, where=T != 0, out=np.zeros_like(X))  # 0 log 0 counts as 0
        return -np.dot(T.ravel(), log_P.ravel()) / len(X), (P, T)

    def backward(self, cache: tuple[Array, Array]) -> Array:
        """Return dX."""
        P, T = cache
        if self.from_logits:
            dX = P * (T @ np.ones(T.shape[1], T.dtype))[:, None]
            dX -= T
            dX /= len(P)
            return dX
        with np.errstate(divide="ignore"):
            return np.divide(T, P * -len(P), where=T != 0, out=np.zeros_like(P))

    def _target_probabilities(self, X: Array, targets: Array) -> Array:
        S, K = X.shape
        if targets.shape == (S,):
            T = np.zeros_like(X.real)
            T[np.arange(S), check_class_numbers(self, targets, K)] = 1
        elif targets.shape == (S, K):
            T = targets.astype(X.real.dtype)
        else:
            raise ValueError(
                f"{self!r}: targets have shape {targets.shape}, but must be class numbers of shape {(S,)} "
                f"or probabilities of shape {(S, K)}"
            )
        if self.label_smoothing:
            T *= 1 - self.label_smoothing
            T += self.label_smoothing / K
        return T


def softmax_and_log(X: Array) -> tuple[Array, Array]:
    """Return P = softmax(X) of each row, and log P. The maximum is taken away first, so exp stays finite."""
    highest = np.ascontiguousarray(X.T).max(axis=0)  # three times as fast as along short rows
    log_P = X - highest[:, None]
    P = np.exp(log_P)
    total = P @ np.ones(P.shape[1], P.dtype)
    log_P -= np.log(total)[:, None]
    P /= total[:, None]
    return P, log_P


def describe_second_softmax(classes: int | None, end: str = "softmax", subject: str = "the network ends in") -> str:
    """Say what it costs that a network ends in a softmax, or a sigmoid, before a loss that takes a softmax of logits.

    The loss of a right and certain answer is −log(e / (e + K − 1)), not 0: probabilities lie at most 1 apart.
    Where the number of classes K is not known (None), the sentence gives the formula, and its value for 10.
    """
    another = "another" if end == "softmax" else "a softmax"
    floor = f"{log(e + (classes or 10) - 1) - 1:.3f}"
    bound = f"ln(e + {classes - 1}) − 1 = {floor}" if classes else f"ln(e + K − 1) − 1, {floor} with 10"
    return (
        f"{subject} a {end}, and the loss takes {another} of it: with {classes or 'K'} classes it cannot "
        f"fall below {bound}, and its gradients are small"
    )
