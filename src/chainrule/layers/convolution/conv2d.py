"""Two-dimensional convolution: the kernel is laid on every place of the padded input, and each time gives one output.

Indices
    s  sample             c  channel in         f  channel out
    h  input row          w  input column
    i  output row         j  output column
    a  kernel row         e  kernel column

Forward
    Y[s,f,i,j] = sum[c,a,e](X[s,c,sh*i+a-ph,sw*j+e-pw] * W[f,c,a,e]) + b[f]

Backward
    dX[s,c,h,w] = sum[f,i,j](dY[s,f,i,j] * W[f,c,h+ph-sh*i,w+pw-sw*j])
    dW[f,c,a,e] = sum[s,i,j](dY[s,f,i,j] * X[s,c,sh*i+a-ph,sw*j+e-pw])
    db[f]       = sum[s,i,j](dY[s,f,i,j])

Why: strides are sh and sw, paddings ph and pw, for rows and columns. An output (i, j) meets the input (h, w) through
the one entry of the kernel that lies on it, row h + ph - sh i, if there is such a row: outside its range an array is
zero, which is the padding of X and the end of the kernel W. Turned round, the same pairs of input and output meet the
kernel entry (a, e), and every output the bias.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating, uniform
from chainrule.layers.channels_last import Pair, as_pair, from_channels_last, to_channels_last
from chainrule.layers.convolution.algorithm import Algorithm
from chainrule.layers.convolution.choice import ALGORITHMS, choose_algorithm, list_fitting
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.normalization.batch_norm import sum_rows
from chainrule.layers.threads import cut, sum_parts

ROWS = 1 << 12  # of dY that are added up at once


class Conv2dCache(NamedTuple):
    """What the backward of a convolution needs."""

    algorithm: Algorithm
    kept: Array  # what the algorithm needs of X
    shapes: tuple[tuple[int, ...], tuple[int, ...]]  # of X, channels last, and of Y


class Conv2d(Layer):
    """`Y = X ⋆ W + b`, cross-correlation, as in PyTorch.

    `kernel_size`, `stride` and `padding` are a number, or a pair for rows and columns. Parameters: weight W
    (F, C, A, E), bias b (F), or None with `bias=False`; both start as U(-1/√(C A E), 1/√(C A E)), PyTorch's default.
    Input (S, C, H, W), output (S, F, I, J) with I = (H + 2 pad - A) // stride + 1 rows, and columns alike.

    Input and output have PyTorch's shape but lie in memory channels last: an input that does not is copied. The weight
    lies in memory column by column, so that a matrix product reads its output channels in a row. `algorithm` is one of
    those in `layers/convolution/`, by name; "auto" chooses by shape. Not all fit all kernels: else a ValueError.
    """

    parameter_names = ("weight", "bias")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
        algorithm: str = "auto",
    ) -> None:
        self.in_channels = as_size("Conv2d", "in_channels", in_channels, 1)
        self.out_channels = as_size("Conv2d", "out_channels", out_channels, 1)
        self.algorithm = algorithm
        self.geometry = Geometry(
            as_pair("Conv2d", "kernel_size", kernel_size, 1),
            as_pair("Conv2d", "stride", stride, 1),
            as_pair("Conv2d", "padding", padding, 0),
        )
        if algorithm not in (fitting := ["auto", *list_fitting(self.geometry)]):
            raise ValueError(f"Conv2d: algorithm is {algorithm!r}, but must be one of {', '.join(fitting)}")
        bound = 1 / math.sqrt(in_channels * math.prod(self.geometry.kernel))
        shape = (out_channels, in_channels, *self.geometry.kernel)
        self.weight: Array = np.asfortranarray(uniform(rng, bound, shape, dtype))
        self.bias: Array | None = uniform(rng, bound, (out_channels,), dtype) if bias else None

    def __repr__(self) -> str:
        kernel, stride, padding = self.geometry
        given = f"{self.in_channels}, {self.out_channels}, kernel_size={kernel}"
        given += f", stride={stride}" if stride != (1, 1) else ""
        given += f", padding={padding}" if padding != (0, 0) else ""
        return f"Conv2d({given}{'' if self.bias is not None else ', bias=False'})"

    def forward(self, X: Array) -> tuple[Array, Conv2dCache]:
        """Return Y; the cache is a Conv2dCache."""
        self._check_input(X)
        X = to_channels_last(X)
        algorithm = self._choose_algorithm(X.shape)
        Y, kept = algorithm.forward(X, self.weight.T, self.bias, self.training)
        Y = from_channels_last(Y)
        return Y, Conv2dCache(algorithm, kept, (X.shape, Y.shape))

    def backward(self, dY: Array, cache: Conv2dCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        transformed, grads = self._parameter_gradients(dY, cache)  # dW = Σ dY X and db = Σ dY, below
        dX = cache.algorithm.input_gradient(transformed, self.weight.T, cache.shapes[0])  # dX = Σ dY W
        return from_channels_last(dX), grads

    def _parameter_gradients(self, dY: Array, cache: Conv2dCache) -> tuple[Array, Arrays]:
        """Return dY as the algorithm transforms it, and the gradients of weight and bias."""
        algorithm, kept, (input_shape, output_shape) = cache
        check_cotangent(self, dY, output_shape)
        dY = to_channels_last(dY)
        transformed = algorithm.transform_cotangent(dY, input_shape)
        grads = {"weight": algorithm.weight_gradient(transformed, kept).T}
        if self.bias is not None:
            grads["bias"] = self.bias_gradient(dY)
        return transformed, grads

    def parameter_gradients(self, dY: Array, cache: Conv2dCache) -> Arrays:
        """Return the gradients of weight and bias alone."""
        return self._parameter_gradients(dY, cache)[1]

    def bias_gradient(self, dY: Array) -> Array:
        """Return db, given the cotangent channels last."""
        rows = dY.reshape(-1, self.out_channels)
        return sum_parts(lambda part: sum_rows(rows[part]), cut(len(rows), ROWS))

    def _choose_algorithm(self, shape: tuple[int, ...]) -> Algorithm:
        chosen = self.algorithm
        if chosen == "auto":
            chosen = choose_algorithm(self.geometry, shape, self.out_channels)
        return ALGORITHMS[chosen](self.geometry)

    def _check_input(self, X: Array) -> None:
        check_floating(self, X)
        if X.ndim != 4 or X.shape[1] != self.in_channels:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, {self.in_channels}, H, W)")
        if min(self.geometry.output_size(*X.shape[2:])) < 1:
            raise ValueError(f"{self!r}: X has shape {X.shape}, which is smaller than the kernel even when padded")
