"""Convolution as one matrix product: each window of the input becomes a row of a matrix. The plain reference.

The matrix is as many times larger than the input as the kernel has entries, nine times for a 3×3.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.geometry import Geometry


def copy_windows(X: Array, geometry: Geometry) -> Array:
    """The windows of X (S, H, W, C), as (S, I, J, E, A, C)."""
    (k, m), (s, t) = geometry.kernel, geometry.stride
    windows = np.lib.stride_tricks.sliding_window_view(geometry.pad(X), (k, m), axis=(1, 2))  # (…, C, A, E)
    return np.ascontiguousarray(windows[:, ::s, ::t].transpose(0, 1, 2, 5, 4, 3))


def forward(X: Array, W: Array, geometry: Geometry) -> Array:
    """Return Y."""
    return np.tensordot(copy_windows(X, geometry), W, axes=3)


def input_gradient(dY: Array, W: Array, shape: tuple[int, ...], geometry: Geometry) -> Array:
    """Return dX of this shape: each window's gradient is added where the window came from."""
    dwindows = np.tensordot(dY, W, axes=(3, 3))
    dpadded = geometry.pad(np.zeros(shape, dwindows.dtype))
    for e, a in np.ndindex(W.shape[:2]):
        geometry.shift(dpadded, a, e)[...] += dwindows[:, :, :, e, a]
    return np.ascontiguousarray(geometry.unpad(dpadded))


def weight_gradient(dY: Array, X: Array, geometry: Geometry) -> Array:
    """Return dW."""
    return np.tensordot(copy_windows(X, geometry), dY, axes=((0, 1, 2), (0, 1, 2)))
