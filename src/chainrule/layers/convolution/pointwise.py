"""A 1×1 convolution of stride 1: every place of every image is a sample of a linear layer, so one matrix product."""

from __future__ import annotations

from chainrule.layers.base import Array
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.im2col import Im2col


class Pointwise(Im2col):
    """im2col of images of one place each, whose windows are those places themselves and need no copy."""

    @staticmethod
    def fits(geometry: Geometry) -> bool:
        """Whether a convolution is of this kind."""
        return geometry == ((1, 1), (1, 1), (0, 0))

    def forward(self, X: Array, W: Array) -> tuple[Array, Array]:
        """Return Y; kept is X."""
        Y, _ = super().forward(to_places(X), W)
        return Y.reshape(*X.shape[:3], W.shape[3]), X

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX."""
        return super().input_gradient(to_places(dY), W, to_places(dY).shape[:3] + shape[3:]).reshape(shape)

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        return super().weight_gradient(to_places(dY), to_places(kept))


def to_places(X: Array) -> Array:
    """Bring (S, H, W, C) to (S·H·W, 1, 1, C)."""
    return X.reshape(-1, 1, 1, X.shape[3])
