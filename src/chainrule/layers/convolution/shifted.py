"""Convolution by shifted products: the image moved by each kernel entry is multiplied by that entry, and all are added.

What lies outside the image is left out rather than multiplied by zero. Of an image of 2×2 under a 3×3 kernel that is
more than half: 16 products of places in place of 36, as many as Winograd's F(2×2, 3×3) takes, without its transforms.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.algorithm import Algorithm
from chainrule.layers.convolution.im2col import to_rows
from chainrule.layers.memory import empty
from chainrule.threads import cut, run_parts

CHANNELS = 128  # of the sum at once
ENTRIES = 1 << 16  # of the sum at once, of all those channels


class Shifted(Algorithm):
    """Any kernel, stride and padding."""

    def forward(self, X: Array, W: Array, b: Array | None, training: bool = True) -> tuple[Array, Array]:
        """Return Y; kept is X."""
        Y = empty(self.output_shape(X.shape, W.shape[3]), np.result_type(X, W))

        def compute(part: tuple[slice, slice]) -> None:
            samples, f = part
            Y[samples, ..., f] = 0 if b is None else b[f]
            for e, a in np.ndindex(W.shape[:2]):
                outputs, inputs = self.geometry.meet(a, e, *X.shape[1:3])
                Y[samples, ..., f][outputs] += as_product(X[samples][inputs], W[e, a, :, f])

        run_parts(compute, cut_both(Y.shape))
        return Y, X

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX."""
        dX = empty(shape, np.result_type(dY, W))

        def compute(part: tuple[slice, slice]) -> None:
            samples, c = part
            dX[samples, ..., c] = 0
            for e, a in np.ndindex(W.shape[:2]):
                outputs, inputs = self.geometry.meet(a, e, *shape[1:3])
                dX[samples, ..., c][inputs] += as_product(dY[samples][outputs], W[e, a, c].T)

        run_parts(compute, cut_both(shape))
        return dX

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        X, (k, m) = kept, self.geometry.kernel
        dW = empty((m, k, X.shape[3], dY.shape[3]), np.result_type(dY, X))

        def compute(offset: tuple[int, int]) -> None:
            e, a = offset
            outputs, inputs = self.geometry.meet(a, e, *X.shape[1:3])
            np.matmul(to_rows(X[inputs]).T, to_rows(dY[outputs]), out=dW[e, a])

        run_parts(compute, list(np.ndindex(m, k)))
        return dW


def cut_both(shape: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Parts of the samples and of the channels of an array (S, H, W, C) that fit the cache."""
    S, H, W, C = shape
    channels = cut(C, CHANNELS)
    samples = cut(S, ENTRIES // max(H * W * min(C, CHANNELS), 1))
    return [(s, c) for s in samples for c in channels]


def as_product(X: Array, matrix: Array) -> Array:
    """Return X (S, H, W, C) times a matrix (C, F), as (S, H, W, F)."""
    return (to_rows(X) @ matrix).reshape(*X.shape[:3], matrix.shape[1])
