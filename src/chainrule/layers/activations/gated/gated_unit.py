"""What gated units share: their input's two halves along one axis, the first of which makes the gate."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_axis, check_cotangent, check_floating
from chainrule.layers.memory import empty
from chainrule.threads import cut, run_parts

ENTRIES = 1 << 16  # at once, of which several arrays stay in the cache


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
        gate, slope, Y = (empty(A.shape, X.dtype) for _ in range(3))

        def compute(part: slice) -> None:
            self._gate(A[part], gate[part], slope[part])
            np.multiply(gate[part], B[part], out=Y[part])

        run_parts(compute, cut_entries(Y))
        return Y, (gate, slope, B)

    def backward(self, dY: Array, cache: tuple[Array, Array, Array]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        gate, slope, B = cache
        check_cotangent(self, dY, B.shape)
        shape = list(B.shape)
        shape[self.dim] *= 2
        dX = empty(tuple(shape), dY.dtype)
        dA, dB = np.split(dX, 2, axis=self.dim)

        def compute(part: slice) -> None:
            np.multiply(dY[part], gate[part], out=dB[part])
            np.multiply(dY[part], B[part], out=dA[part])
            dA[part] *= slope[part]

        run_parts(compute, cut_entries(dY))
        return dX, {}

    @abstractmethod
    def _gate(self, A: Array, gate: Array, slope: Array) -> None:
        """Write g(A) to `gate` and its slope to `slope`."""


def cut_entries(Y: Array) -> list[slice]:
    """Cut the first axis into parts that stay in the cache."""
    return cut(len(Y), max(1, ENTRIES * len(Y) // max(Y.size, 1)))
