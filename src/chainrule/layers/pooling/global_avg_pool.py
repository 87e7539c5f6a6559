"""Global average pooling: of each channel, the mean over all places.

Indices
    s  sample      c  channel      h  input row      w  input column
    i  output row, the only one    j  output column, the only one

Forward
    Y[s,c,i,j] = mean[h,w](X[s,c,h,w]) * one[i,j]

Backward
    dX[s,c,h,w] = sum[i,j](dY[s,c,i,j] * one[i,j]) / (size[h] * size[w])

Why: every place has the same share in the mean, one divided by their number, and takes that share of the cotangent
back. `one` is a single 1, which gives the output its last two axes. (Lin, Chen and Yan, 2014, arXiv:1312.4400.)
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent
from chainrule.layers.channels_last import check_images, from_channels_last, to_channels_last


class GlobalAvgPool(Layer):
    """`Y = mean X` over all rows and columns: input (S, C, H, W), output (S, C, 1, 1), as `AdaptiveAvgPool2d(1)`."""

    def __repr__(self) -> str:
        return "GlobalAvgPool()"

    def forward(self, X: Array) -> tuple[Array, tuple[int, ...]]:
        """Return Y; the cache is the shape of X."""
        check_images(self, X)
        if 0 in X.shape[2:]:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have one place at least")
        return from_channels_last(to_channels_last(X).mean(axis=(1, 2), keepdims=True)), X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        S, C, H, W = cache
        check_cotangent(self, dY, (S, C, 1, 1))
        dX = np.empty((S, H, W, C), dY.dtype)
        dX[...] = to_channels_last(dY) / (H * W)
        return from_channels_last(dX), {}
