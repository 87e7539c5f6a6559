"""A 1×1 convolution of stride 1: every place of every image is a sample of a linear layer, so one matrix product."""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.algorithm import Algorithm, add_bias
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.im2col import to_rows
from chainrule.layers.memory import empty
from chainrule.threads import cut, run_parts, sum_parts

ROWS = 512  # at once


class Pointwise(Algorithm):
    """1×1 kernels, stride 1, no padding."""

    @staticmethod
    def fits(geometry: Geometry) -> bool:
        """Whether a convolution is of this kind."""
        return geometry == ((1, 1), (1, 1), (0, 0))

    def forward(self, X: Array, W: Array, b: Array | None, training: bool = True) -> tuple[Array, Array]:
        """Return Y; kept is X."""
        return multiply_rows(X, W[0, 0], b), X

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX."""
        return multiply_rows(dY, np.ascontiguousarray(W[0, 0].T))

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        dY, X = to_rows(dY), to_rows(kept)
        return sum_parts(lambda part: X[part].T @ dY[part], cut(len(X), ROWS))[None, None]


def multiply_rows(X: Array, matrix: Array, b: Array | None = None) -> Array:
    """Return X (S, H, W, C) times a matrix (C, F), plus b."""
    Y = empty((*X.shape[:3], matrix.shape[1]), np.result_type(X, matrix))
    rows, out = to_rows(X), to_rows(Y)

    def compute(part: slice) -> None:
        np.matmul(rows[part], matrix, out=out[part])
        add_bias(out[part], b)

    run_parts(compute, cut(len(rows), ROWS))
    return Y
