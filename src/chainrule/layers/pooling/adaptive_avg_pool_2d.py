"""Adaptive average pooling: as many windows as asked for, of each the mean, whatever the size of the image.

Indices
    s  sample          c  channel
    h  input row       w  input column
    i  output row      j  output column

Forward
    Y[s,c,i,j] = sum[h,w](A[i,h] * X[s,c,h,w] * B[j,w])

Backward
    dX[s,c,h,w] = sum[i,j](A[i,h] * dY[s,c,i,j] * B[j,w])

Why: window i goes from row ⌊i H / I⌋ up to row ⌈(i + 1) H / I⌉, which it does not hold; A[i,h] is one divided by its
number of rows for those in it, else 0, and B is the same for columns. So a mean over windows is two matrix products,
one on either side, and each input takes back from every window that it lies in its share.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent
from chainrule.layers.channels_last import Pair, as_pair, check_images, from_channels_last, to_channels_last


class AdaptiveAvgPool2d(Layer):
    """`Y = mean X` over I × J windows that cover the image; input (S, C, H, W), output (S, C, I, J).

    `output_size` is a number, or a pair for rows and columns. Windows overlap where the size is no multiple of it.
    """

    def __init__(self, output_size: int | Pair) -> None:
        self.output_size = as_pair("AdaptiveAvgPool2d", "output_size", output_size, 1)

    def __repr__(self) -> str:
        return f"AdaptiveAvgPool2d(output_size={self.output_size})"

    def forward(self, X: Array) -> tuple[Array, tuple[int, ...]]:
        """Return Y; the cache is the shape of X."""
        check_images(self, X)
        if 0 in X.shape[2:]:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have one place at least")
        A, B = self.shares(X.shape, X.real.dtype)
        return multiply_sides(A, X, B), X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        check_cotangent(self, dY, (*cache[:2], *self.output_size))
        A, B = self.shares(cache, dY.real.dtype)
        return multiply_sides(A.T, dY, B.T), {}

    def shares(self, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> tuple[Array, Array]:
        """Return A (I, H) and B (J, W)."""
        rows, columns = (find_shares(*sizes, dtype) for sizes in zip(self.output_size, shape[2:], strict=True))
        return rows, columns


def find_shares(windows: int, places: int, dtype: np.dtype[np.floating]) -> Array:
    """Return the share of each place in each window: (windows, places)."""
    i, h = np.arange(windows)[:, None], np.arange(places)
    inside = (h >= i * places // windows) & (h < -(-(i + 1) * places // windows))
    return (inside / inside.sum(axis=1, keepdims=True)).astype(dtype)


def multiply_sides(A: Array, X: Array, B: Array) -> Array:
    """Return A X Bᵀ for each channel of images (S, C, H, W)."""
    last = to_channels_last(X)
    across = B @ last  # (J,W)(W,C) -> (J,C), for each row of each image
    S, H, J, C = across.shape
    return from_channels_last((A @ across.reshape(S, H, J * C)).reshape(S, len(A), J, C))
