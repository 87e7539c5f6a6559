"""Kernel, stride and padding of a convolution, and the sizes and views that follow from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.layers.base import Array

Place = tuple[slice, slice, slice]  # of samples (all of them), rows and columns


class Geometry(NamedTuple):
    """Pairs of (rows, columns)."""

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]

    def output_size(self, H: int, W: int) -> tuple[int, int]:
        """The rows and columns of the output: the places at which the kernel lies wholly in the padded input."""
        return tuple(  # type: ignore[return-value]
            (size + 2 * p - k) // s + 1
            for size, k, s, p in zip((H, W), self.kernel, self.stride, self.padding, strict=True)
        )

    def pad(self, X: Array) -> Array:
        """X (S, H, W, C) with its border of zeros; X itself where there is none."""
        (p, q), (S, H, W, C) = self.padding, X.shape
        if not p and not q:
            return X
        padded = np.zeros((S, H + 2 * p, W + 2 * q, C), X.dtype)
        self.unpad(padded)[...] = X
        return padded

    def unpad(self, padded: Array) -> Array:
        """The view of a padded array without its border."""
        p, q = self.padding
        return padded[:, p : padded.shape[1] - p, q : padded.shape[2] - q]

    def shift(self, padded: Array, a: int, e: int) -> Array:
        """The view of a padded array that kernel row a and column e meet, one entry for each output: (S, I, J, C)."""
        (k, m), (s, t) = self.kernel, self.stride
        return padded[:, a : padded.shape[1] - k + a + 1 : s, e : padded.shape[2] - m + e + 1 : t]

    def copy_windows(self, X: Array) -> Array:
        """The windows of X (S, H, W, C), row by row, as (S, I, J, A·E·C): kernel row, kernel column, channel.

        A window of one place is a view of X. The entries of a kernel row lie side by side in X and are copied at once.
        """
        (k, m), (s, t), padded = self.kernel, self.stride, self.pad(X)
        (S, _, _, C), (by_sample, by_row, by_column, _) = padded.shape, padded.strides
        shape = (S, *self.output_size(*X.shape[1:3]), k, m * C)
        strides = (by_sample, s * by_row, t * by_column, by_row, X.itemsize)
        windows = np.lib.stride_tricks.as_strided(padded, shape, strides, writeable=False)
        return windows.reshape(*shape[:3], k * m * C)

    def add_windows(self, windows: Array, shape: tuple[int, ...]) -> Array:
        """The images of this shape (S, H, W, C) that are the sums of such windows: the backward of `copy_windows`."""
        windows = windows.reshape(*windows.shape[:3], *self.kernel, shape[3])
        padded = self.pad(np.zeros(shape, windows.dtype))
        for a, e in np.ndindex(self.kernel):
            self.shift(padded, a, e)[...] += windows[:, :, :, a, e]
        return np.ascontiguousarray(self.unpad(padded))

    def meet(self, a: int, e: int, H: int, W: int) -> tuple[Place, Place]:
        """The outputs whose kernel row a and column e meet an input, not padding, and those inputs."""
        spans = [
            _meet(size, k, s, p, offset)
            for size, k, s, p, offset in zip((H, W), self.kernel, self.stride, self.padding, (a, e), strict=True)
        ]
        (i, h), (j, w) = spans
        return (slice(None), i, j), (slice(None), h, w)


def _meet(size: int, kernel: int, stride: int, padding: int, offset: int) -> tuple[slice, slice]:
    """Along one axis: outputs i and inputs stride i + offset − padding, where the latter lies in 0 … size − 1."""
    outputs = (size + 2 * padding - kernel) // stride + 1
    first = max(0, -((offset - padding) // stride))
    last = max(first, min(outputs, (size - 1 + padding - offset) // stride + 1))
    start = stride * first + offset - padding
    return slice(first, last), slice(start, start + stride * (last - first), stride)
