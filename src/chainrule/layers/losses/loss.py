"""What every loss is: a forward to one number, and a backward from it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from chainrule.layers.base import Array


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
