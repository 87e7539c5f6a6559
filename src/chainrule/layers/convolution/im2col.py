"""Convolution by im2col in parts: the windows of a few images at a time become rows of a matrix that fits the cache.

The matrix of all windows would go to memory and come back; that of a few is multiplied before it leaves the cache.
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.algorithm import Algorithm, add_bias, from_matrix, to_matrix
from chainrule.layers.memory import empty
from chainrule.threads import cut, run_parts, sum_parts

ENTRIES = 1 << 17  # of the matrix of windows at once


class Im2col(Algorithm):
    """Any kernel, stride and padding."""

    def forward(self, X: Array, W: Array, b: Array | None, training: bool = True) -> tuple[Array, Array]:
        """Return Y; kept is X."""
        matrix = to_matrix(W)
        Y = empty(self.output_shape(X.shape, W.shape[3]), np.result_type(X, W))

        def compute(samples: slice) -> None:
            np.matmul(self.copy_rows(X[samples]), matrix, out=to_rows(Y[samples]))
            add_bias(Y[samples], b)

        run_parts(compute, self.cut_samples(Y.shape, X.shape[3]))
        return Y, X

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX: each window's gradient is added where the window came from."""
        matrix = np.ascontiguousarray(to_matrix(W).T)
        dX = empty(shape, np.result_type(dY, W))

        def compute(samples: slice) -> None:
            windows = (to_rows(dY[samples]) @ matrix).reshape(*dY[samples].shape[:3], -1)
            dX[samples] = self.geometry.add_windows(windows, dX[samples].shape)

        run_parts(compute, self.cut_samples(dY.shape, shape[3]))
        return dX

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        X = kept
        parts = self.cut_samples(dY.shape, X.shape[3])
        dmatrix = sum_parts(lambda samples: self.copy_rows(X[samples]).T @ to_rows(dY[samples]), parts)
        return from_matrix(dmatrix, self.geometry)

    def copy_rows(self, X: Array) -> Array:
        """The windows of X as the rows of a matrix."""
        return to_rows(self.geometry.copy_windows(X))

    def cut_samples(self, output_shape: tuple[int, ...], C: int) -> list[slice]:
        """The samples in parts whose windows fit the cache."""
        S, I, J, _ = output_shape  # noqa: E741
        return cut(S, ENTRIES // max(math.prod(self.geometry.kernel) * C * I * J, 1))


def to_rows(X: Array) -> Array:
    """The matrix (S·H·W, C) of an array (S, H, W, C)."""
    return X.reshape(-1, X.shape[3])
