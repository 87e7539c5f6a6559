"""What an algorithm of the convolution does. Arrays lie channels last, and the weight is what `Conv2d` calls weight.T:

X   (S, H, W, C)      input
W   (E, A, C, F)      weight: kernel column, kernel row, channel in, channel out
b   (F)               bias, or None
Y   (S, I, J, F)      output
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.geometry import Geometry


class Algorithm(ABC):
    """One way to compute a convolution of this geometry, forward and backward. It holds no arrays."""

    def __init__(self, geometry: Geometry) -> None:
        self.geometry = geometry

    @abstractmethod
    def forward(self, X: Array, W: Array, b: Array | None, training: bool = True) -> tuple[Array, Array]:
        """Return Y and what `weight_gradient` needs: X or, in training, where it follows at once, X transformed."""

    def transform_cotangent(self, dY: Array, shape: tuple[int, ...]) -> Array:
        """Bring dY into the form in which both gradients take it, once for both; `shape` is that of X."""
        return dY

    @abstractmethod
    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX, of this shape, given the transformed cotangent."""

    @abstractmethod
    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW, of the shape of W, given the transformed cotangent and what `forward` kept."""

    def output_shape(self, shape: tuple[int, ...], F: int) -> tuple[int, ...]:
        """The shape of Y for an X of this shape."""
        return shape[0], *self.geometry.output_size(*shape[1:3]), F


def to_matrix(W: Array) -> Array:
    """The weight as the matrix (A·E·C, F) by which a window is multiplied."""
    return W.transpose(1, 0, 2, 3).reshape(-1, W.shape[3])


def from_matrix(matrix: Array, geometry: Geometry) -> Array:
    """The weight (E, A, C, F), row by row, of which `to_matrix` makes this matrix."""
    W = matrix.reshape(*geometry.kernel, -1, matrix.shape[1])
    return np.ascontiguousarray(W.transpose(1, 0, 2, 3))


def add_bias(Y: Array, b: Array | None) -> None:
    """Add the bias to Y while Y is still in the cache."""
    if b is not None:
        Y += b
