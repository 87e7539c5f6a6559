"""What gated units share: their input's two halves along one axis, the first of which makes the gate."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_axis, check_cotangent, check_floating


class GatedUnit(Layer):
    """`Y = g(A) ∘ B` of the halves A and B of X along axis `dim`, which must be even; subclasses say what g is."""

    def __init__(self, dim: int = -1) -> None:
        self.dim = dim

    def __repr__(self) -> str:
        return f"{type(self).__name__}(dim={self.dim})"

    def forward(self, X: Array) -> tuple[Array, tuple[Array, Array, Array]]:
        """Return Y; the cache is g(A), its slope, and B."""
        check_floating(self, X)
        check_axis(self, X, "dim", self.dim)
        if X.shape[self.dim] % 2:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but its axis {self.dim} must be of even size")
        A, B = np.split(X, 2, axis=self.dim)
        gate, slope = self._gate(A)
        return gate * B, (gate, slope, B)

    def backward(self, dY: Array, cache: tuple[Array, Array, Array]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        gate, slope, B = cache
        check_cotangent(self, dY, B.shape)
        shape = list(B.shape)
        shape[self.dim] *= 2
        dX = np.empty_like(dY, shape=shape)
        dA, dB = np.split(dX, 2, axis=self.dim)
        np.multiply(dY, gate, out=dB)
        np.multiply(dY, B, out=dA)
        dA *= slope
        return dX, {}

    @abstractmethod
    def _gate(self, A: Array) -> tuple[Array, Array]:
        """Return g(A) and its slope, in new arrays."""
