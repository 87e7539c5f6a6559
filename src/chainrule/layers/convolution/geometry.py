"""Kernel, stride and padding of a convolution, and the sizes and views that follow from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.layers.base import Array


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
