"""What every loss is: a forward to one number, and a backward from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from chainrule.layers.base import Array, check_floating


class Loss(ABC):
    """Base of all losses: no parameters, no state; the cotangent of the loss itself is 1."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @abstractmethod
    def forward(self, X: Array, targets: Array) -> tuple[Any, Any]:
        """Return the loss, a scalar in the dtype of X, and the cache that `backward` needs."""

    @abstractmethod
    def backward(self, cache: Any) -> Array:
        """Return dX, the gradient of the loss with respect to X. The cache is not changed."""


def take_targets(loss: Loss, X: Array, targets: Array) -> Array:
    """Return targets as numbers in the precision of X. Raises ValueError unless both have one shape, not empty."""
    check_floating(loss, X)
    T = np.asarray(targets)
    if T.shape != X.shape or X.size == 0:
        raise ValueError(f"{loss!r}: X has shape {X.shape} and targets {T.shape}, but they must be equal and not empty")
    return T.astype(X.real.dtype, copy=False)


def check_class_numbers(loss: Loss, targets: Array, K: int) -> Array:
    """Return targets. Raises TypeError unless they are whole numbers, ValueError unless they lie in 0 … K − 1."""
    if targets.dtype.kind not in "iu":
        raise TypeError(f"{loss!r}: targets have dtype {targets.dtype}, but class numbers must be integers")
    low, high = targets.min(), targets.max()
    if low < 0 or high >= K:
        raise ValueError(f"{loss!r}: targets run from {low} to {high}, but class numbers must lie in 0 … {K - 1}")
    return targets


def check_scores(loss: Loss, X: Array, targets: Array) -> None:
    """Raise ValueError unless X has a row for each sample and targets hold one class number for each."""
    check_floating(loss, X)
    if X.ndim != 2 or X.size == 0:
        raise ValueError(f"{loss!r}: X has shape {X.shape}, but must have shape (S, K), neither of them 0")
    if targets.shape != X.shape[:1]:
        raise ValueError(
            f"{loss!r}: targets have shape {targets.shape}, but must be class numbers of shape {X.shape[:1]}"
        )


def mean_of(terms: Array) -> Any:
    """The mean of all entries, a scalar of their dtype."""
    return terms.sum() / terms.dtype.type(terms.size)
