"""Average pooling: of each window of each channel, the mean.

Indices
    s  sample          c  channel
    h  input row       w  input column
    i  output row      j  output column
    a  window row      e  window column

Forward
    Y[s,c,i,j] = sum[a,e](X[s,c,sh*i+a-ph,sw*j+e-pw] * share[a,e,i,j])

Backward
    dX[s,c,h,w] = sum[i,j](dY[s,c,i,j] * share[h+ph-sh*i,w+pw-sw*j,i,j])

Why: strides are sh and sw, paddings ph and pw, for rows and columns. This is a convolution whose kernel is constant:
each entry of window (i, j) has a share in its output, one divided by the number of entries that are counted, and takes
the same share of its cotangent back. Padding counts as zeros, or, with `count_include_pad=False`, not at all.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.channels_last import Pair
from chainrule.layers.pooling.pooling import Pooling, Window


class AvgPool2d(Pooling):
    """`Y = mean X` over windows.

    Arguments and shapes are those of `MaxPool2d`. Padding counts as zeros in each mean; with `count_include_pad=False`
    a mean is that of the entries within the image.
    """

    def __init__(
        self,
        kernel_size: int | Pair,
        stride: int | Pair | None = None,
        padding: int | Pair = 0,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__(kernel_size, stride, padding)
        self.count_include_pad = count_include_pad

    def _pool(self, X: Array) -> tuple[Array, None]:
        across = sum_along(X, 2, self.columns)
        return sum_along(across, 1, self.rows) * self._shares(X.shape, X.real.dtype), None

    def _spread(self, dY: Array, cache: None, shape: tuple[int, ...]) -> Array:
        dsum = dY * self._shares(shape, dY.real.dtype)
        return spread_along(spread_along(dsum, 1, self.rows, shape[1]), 2, self.columns, shape[2])

    def _shares(self, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
        """Return 1 / (number of entries counted) of each window, (I, J, 1)."""
        _, H, W, _ = shape
        counts = np.multiply.outer(self._counts(self.rows, H), self._counts(self.columns, W))
        return (1 / counts).astype(dtype)[:, :, None]

    def _counts(self, window: Window, n: int) -> Array:
        if self.count_include_pad:
            return np.full(window.count(n), window.size)
        return sum_along(np.ones(n, int), 0, window)


def sum_along(X: Array, axis: int, window: Window) -> Array:
    """Return the sum of each window."""
    n = X.shape[axis]
    Y = np.zeros((*X.shape[:axis], window.count(n), *X.shape[axis + 1 :]), X.dtype)
    for a in range(window.size):
        outputs, inputs = window.meet(a, axis, n)
        Y[outputs] += X[inputs]
    return Y


def spread_along(dY: Array, axis: int, window: Window, n: int) -> Array:
    """Return dX, with n places along the axis: each dY goes to all entries of its window."""
    dX = np.zeros((*dY.shape[:axis], n, *dY.shape[axis + 1 :]), dY.dtype)
    for a in range(window.size):
        outputs, inputs = window.meet(a, axis, n)
        dX[inputs] += dY[outputs]
    return dX
