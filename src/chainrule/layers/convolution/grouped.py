"""Convolution in groups: each group of channels in makes its own group of channels out.

In the weight (E, A, C, F) of such a convolution C counts the channels in of one group.
"""

from __future__ import annotations

import math

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.algorithm import Algorithm, add_bias
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.im2col import Im2col, to_rows
from chainrule.layers.memory import empty
from chainrule.layers.normalization.batch_norm import sum_rows
from chainrule.threads import cut, run_parts, sum_parts

ENTRIES = 1 << 15  # of the output at once


class Grouped(Algorithm):
    """Any kernel, stride and padding: one convolution after the other."""

    def __init__(self, geometry: Geometry, groups: int) -> None:
        super().__init__(geometry)
        self.groups, self.single = groups, Im2col(geometry)

    def forward(self, X: Array, W: Array, b: Array | None, training: bool = True) -> tuple[Array, Array]:
        """Return Y; kept is X."""
        Y = empty(self.output_shape(X.shape, W.shape[3]), np.result_type(X, W))
        for x, y, w in zip(self.split(X), self.split(Y), self.split(W), strict=True):
            y[...] = self.single.forward(np.ascontiguousarray(x), w, None)[0]
        add_bias(Y, b)
        return Y, X

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX."""
        dX = empty(shape, np.result_type(dY, W))
        for dx, dy, w in zip(self.split(dX), self.split(dY), self.split(W), strict=True):
            dx[...] = self.single.input_gradient(np.ascontiguousarray(dy), w, dx.shape)
        return dX

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        parts = zip(self.split(dY), self.split(kept), strict=True)
        grads = [self.single.weight_gradient(*map(np.ascontiguousarray, part)) for part in parts]
        return np.concatenate(grads, axis=3)

    def split(self, array: Array) -> list[Array]:
        """Views of the groups of channels, which lie on the last axis."""
        return np.split(array, self.groups, axis=3)


class Depthwise(Grouped):
    """One channel in for each group: no matrix product is left, and each entry of the kernel scales an image moved."""

    def forward(self, X: Array, W: Array, b: Array | None, training: bool = True) -> tuple[Array, Array]:
        """Return Y; kept is X."""
        Y = empty(self.output_shape(X.shape, W.shape[3]), np.result_type(X, W))
        rows = repeat_rows(W, Y.shape)

        def compute(samples: slice) -> None:
            padded, y = self.geometry.pad(self._repeat(X[samples], W)), Y[samples]
            scaled = np.empty_like(y)
            y[...] = 0 if b is None else b
            for e, a in np.ndindex(W.shape[:2]):
                y += np.multiply(self.geometry.shift(padded, a, e), rows[e, a], out=scaled)

        run_parts(compute, cut_samples(Y.shape))
        return Y, X

    def input_gradient(self, dY: Array, W: Array, shape: tuple[int, ...]) -> Array:
        """Return dX."""
        dX = empty(shape, np.result_type(dY, W))
        rows = repeat_rows(W, dY.shape)

        def compute(samples: slice) -> None:
            dy, scaled = dY[samples], np.empty_like(dY[samples], dX.dtype)
            padded = self.geometry.pad(np.zeros((*dX[samples].shape[:3], dy.shape[3]), dX.dtype))
            for e, a in np.ndindex(W.shape[:2]):
                self.geometry.shift(padded, a, e)[...] += np.multiply(dy, rows[e, a], out=scaled)
            dx = self.geometry.unpad(padded)
            dX[samples] = dx if dx.shape[3] == shape[3] else dx.reshape(*dx.shape[:3], shape[3], -1).sum(axis=4)

        run_parts(compute, cut_samples(dY.shape))
        return dX

    def weight_gradient(self, dY: Array, kept: Array) -> Array:
        """Return dW."""
        k, m = self.geometry.kernel

        def compute(samples: slice) -> Array:
            dy = dY[samples]
            padded = self.geometry.pad(self._repeat(kept[samples], dy))
            dW = np.empty((m, k, 1, dY.shape[3]), np.result_type(dy, padded))
            product = np.empty_like(dy, dW.dtype)
            for e, a in np.ndindex(m, k):
                dW[e, a, 0] = sum_rows(to_rows(np.multiply(dy, self.geometry.shift(padded, a, e), out=product)))
            return dW

        return sum_parts(compute, cut_samples(dY.shape))

    def _repeat(self, X: Array, like: Array) -> Array:
        """X with each channel as often as it has channels out."""
        times = like.shape[3] // X.shape[3]
        return X if times == 1 else np.repeat(X, times, axis=3)


def repeat_rows(W: Array, shape: tuple[int, ...]) -> Array:
    """Return the kernel (E, A, J, F), each entry as often as a row of images (S, I, J, F) has places.

    With it a whole row is scaled at once; with the entry alone, which serves one place, NumPy goes from place to place.
    """
    return np.repeat(W, shape[2], axis=2)


def cut_samples(shape: tuple[int, ...]) -> list[slice]:
    """Parts of the samples of an array (S, I, J, F) that fit the cache."""
    return cut(shape[0], ENTRIES // max(math.prod(shape[1:]), 1))
