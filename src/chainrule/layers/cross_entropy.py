"""Cross-entropy of the softmax of logits against target classes or probabilities, mean over the batch.

Indices
    s  sample      k c  class

Forward
    P[s,k] = exp(X[s,k]) / sum[c](exp(X[s,c]))
    L      = -sum[s,k](T[s,k] * log(P[s,k])) / size[s]

Backward
    dX[s,k] = (P[s,k] * sum[c](T[s,c]) - T[s,k]) / size[s]

Why: log P[s,k] = X[s,k] − log Σ_c exp X[s,c], so a logit counts once directly, weighted by its own target, and once through
the sum, as P times all targets of the sample. Targets that sum to 1 leave (P − T) / S. With `from_logits=False` X holds
the probabilities themselves: L = −(1/S) Σ T log X and dX = −(1/S) T / X.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.layers.base import Array, check_floating
from chainrule.layers.loss import Loss


class CrossEntropyLoss(Loss):
    """`L = −(1/S) Σ T log softmax(X)` on logits X (S, K); with `from_logits=False`, `L = −(1/S) Σ T log X`.

    Targets are class numbers (S), integers from 0 to K − 1, or probabilities T (S, K). `label_smoothing` ε, from 0 to 1,
    replaces T by (1 − ε) T + ε / K.
    """

    def __init__(self, label_smoothing: float = 0.0, *, from_logits: bool = True) -> None:
        if not 0 <= label_smoothing <= 1:
            raise ValueError(f"CrossEntropyLoss: label_smoothing is {label_smoothing}, but must lie between 0 and 1")
        self.label_smoothing, self.from_logits = float(label_smoothing), from_logits

    def __repr__(self) -> str:
        return f"CrossEntropyLoss(label_smoothing={self.label_smoothing:g}, from_logits={self.from_logits})"

    def forward(self, X: Array, targets: Array) -> tuple[Any, tuple[Array, Array]]:
        """Return the loss; the cache is P (or, without logits, X) and T."""
        check_floating(self, X)
        T = self._probabilities(X, targets)
        if not self.from_logits:
            log_X = np.log(X, where=T != 0, out=np.zeros_like(X))  # 0 log 0 counts as 0
            return -(T * log_X).sum() / len(X), (X, T)
        log_P = X - X.max(axis=1, keepdims=True)
        P = np.exp(log_P)
        total = P.sum(axis=1, keepdims=True)
        log_P -= np.log(total)
        P /= total
        return -(T * log_P).sum() / len(X), (P, T)

    def backward(self, cache: tuple[Array, Array]) -> Array:
        """Return dX."""
        X, T = cache
        if not self.from_logits:
            return np.divide(T, X * -len(X), where=T != 0, out=np.zeros_like(X))
        dX = X * T.sum(axis=1, keepdims=True)
        dX -= T
        dX /= len(X)
        return dX

    def _probabilities(self, X: Array, targets: Array) -> Array:
        if X.ndim != 2 or X.size == 0:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, K), with S and K at least 1")
        if targets.shape == X.shape:
            T = targets.astype(X.real.dtype)
        elif targets.shape != X.shape[:1]:
            raise ValueError(
                f"{self!r}: targets have shape {targets.shape}, but must be {X.shape[:1]} class numbers "
                f"or probabilities of shape {X.shape}"
            )
        else:
            T = np.zeros_like(X.real)
            T[np.arange(len(X)), self._labels(targets, X.shape[1])] = 1
        if self.label_smoothing:
            T *= 1 - self.label_smoothing
            T += self.label_smoothing / X.shape[1]
        return T

    def _labels(self, targets: Array, classes: int) -> Array:
        if targets.dtype.kind not in "iu":
            raise TypeError(f"{self!r}: targets have dtype {targets.dtype}, but class numbers must be integers")
        if targets.min() < 0 or targets.max() >= classes:
            raise ValueError(
                f"{self!r}: targets run from {targets.min()} to {targets.max()}, but must lie in 0 … {classes - 1}"
            )
        return targets
