"""Convolution by im2col in parts: the windows of a few images at a time become rows of a matrix that fits the cache.

The matrix of all windows would go to memory and come back; that of a few is multiplied before it leaves the cache.
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.algorithm import Algorithm, from_matrix, to_matrix
from chainrule.layers.memory import empty
from chainrule.layers.threads import cut, run_parts

ENTRIES = 1 << 17  # of the matrix of windows at once
SUMS = 8  # of which dW is the sum, so that as many threads can add to their own


class Im2col(Algorithm):
    """Any kernel, stride and padding."""

    def forward(self, X: Array, W: Array) -> tuple[Array, Array]:
        """Return Y; kept is X."""
        matrix = to_matrix(W)
        Y = empty(self.output_shape(X.shape, W.shape[3]), np.result_type(X, W))

        def compute(samples: slice) -> None:
            np.matmul(self.geometry.copy_windows(X[samples]), matrix, out=Y[samples])

        run_parts(compute, self.cut_samples(Y, X.shape[3]))
        return Y, X

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX: each window's gradient is added where the window came from."""
        matrix = np.ascontiguousarray(to_matrix(W).T)
        dX = empty(shape, np.result_type(dY, W))

        def compute(samples: slice) -> None:
            dX[samples] = self.geometry.add_windows(dY[samples] @ matrix, dX[samples].shape)

        run_parts(compute, self.cut_samples(dY, shape[3]))
        return dX

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        X, parts = kept, self.cut_samples(dY, kept.shape[3])
        size = (math.prod(self.geometry.kernel) * X.shape[3], dY.shape[3])
        sums = np.zeros((min(SUMS, len(parts)), *size), np.result_type(dY, X))

        def compute(n: int) -> None:
            for samples in parts[n :: len(sums)]:
                windows = self.geometry.copy_windows(X[samples])
                sums[n] += windows.reshape(-1, size[0]).T @ dY[samples].reshape(-1, size[1])

        run_parts(compute, range(len(sums)))
        return from_matrix(sums.sum(axis=0), self.geometry)

    def cut_samples(self, Y: Array, channels: int) -> list[slice]:
        """The samples in parts whose windows fit the cache."""
        return cut(len(Y), ENTRIES // (math.prod(self.geometry.kernel) * channels * math.prod(Y.shape[1:3])))
