"""Transposed convolution: each input lays the kernel, times itself, on the output, and what overlaps is added up.

Indices
    s  sample             c  channel in         f  channel out
    h  input row          w  input column
    i  output row         j  output column
    a  kernel row         e  kernel column

Forward
    Y[s,f,i,j] = sum[c,h,w](X[s,c,h,w] * W[c,f,i+ph-sh*h,j+pw-sw*w]) + b[f]

Backward
    dX[s,c,h,w] = sum[f,a,e](dY[s,f,sh*h+a-ph,sw*w+e-pw] * W[c,f,a,e])
    dW[c,f,a,e] = sum[s,h,w](X[s,c,h,w] * dY[s,f,sh*h+a-ph,sw*w+e-pw])
    db[f]       = sum[s,i,j](dY[s,f,i,j])

Why: strides are sh and sw, paddings ph and pw, for rows and columns. Forward is what a convolution does backward, its
dX; so the dX of this one is what a convolution does forward, with the same kernel: an input (h, w) meets the output
(sh h + a − ph, …) through the kernel entry (a, e). Outside its range an array is zero. (Zeiler, Krishnan, Taylor and
Fergus, 2010, doi:10.1109/CVPR.2010.5539957; Dumoulin and Visin, 2016, arXiv:1603.07285.)
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating, uniform
from chainrule.layers.channels_last import Pair, as_pair, from_channels_last, to_channels_last
from chainrule.layers.convolution.algorithm import Algorithm
from chainrule.layers.convolution.choice import ALGORITHMS, choose_algorithm
from chainrule.layers.convolution.convolution import sum_places
from chainrule.layers.convolution.geometry import Geometry


class ConvTranspose2dCache(NamedTuple):
    """What the backward needs."""

    algorithm: Algorithm  # of the convolution from the output to the input
    X: Array  # channels last, as the algorithm transforms a cotangent
    shape: tuple[int, ...]  # of Y


class ConvTranspose2d(Layer):
    """`Y = Wᵀ-convolution of X + b`: the backward of a convolution with this kernel, as a layer.

    `kernel_size`, `stride`, `padding` and `output_padding` are a number, or a pair for rows and columns. Parameters:
    weight W (C, F, A, E), bias b (F), or None with `bias=False`; both start as U(-1/√(F A E), 1/√(F A E)), PyTorch's
    default. Input (S, C, H, W), output (S, F, I, J) with I = (H - 1) stride - 2 padding + A + output_padding rows, and
    columns alike; `output_padding` must be less than the stride.
    """

    parameter_names = ("weight", "bias")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        output_padding: int | Pair = 0,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        name = "ConvTranspose2d"
        self.in_channels = as_size(name, "in_channels", in_channels, 1)
        self.out_channels = as_size(name, "out_channels", out_channels, 1)
        self.geometry = Geometry(
            as_pair(name, "kernel_size", kernel_size, 1),
            as_pair(name, "stride", stride, 1),
            as_pair(name, "padding", padding, 0),
        )
        self.output_padding = as_pair(name, "output_padding", output_padding, 0)
        if any(p >= s for p, s in zip(self.output_padding, self.geometry.stride, strict=True)):
            raise ValueError(f"{name}: output_padding is {output_padding}, but must be less than the stride {stride}")
        bound = 1 / math.sqrt(out_channels * math.prod(self.geometry.kernel))
        shape = (in_channels, out_channels, *self.geometry.kernel)
        self.weight: Array = np.asfortranarray(uniform(rng, bound, shape, dtype))
        self.bias: Array | None = uniform(rng, bound, (out_channels,), dtype) if bias else None

    def __repr__(self) -> str:
        kernel, stride, padding = self.geometry
        given = f"{self.in_channels}, {self.out_channels}, kernel_size={kernel}"
        given += f", stride={stride}" if stride != (1, 1) else ""
        given += f", padding={padding}" if any(padding) else ""
        given += f", output_padding={self.output_padding}" if any(self.output_padding) else ""
        return f"ConvTranspose2d({given}{'' if self.bias is not None else ', bias=False'})"

    def forward(self, X: Array) -> tuple[Array, ConvTranspose2dCache]:
        """Return Y; the cache is a ConvTranspose2dCache."""
        check_floating(self, X)
        if X.ndim != 4 or X.shape[1] != self.in_channels:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, {self.in_channels}, H, W)")
        shape = (len(X), *self._output_size(X), self.out_channels)
        algorithm = ALGORITHMS[choose_algorithm(self.geometry, shape, self.in_channels)](self.geometry)
        transformed = algorithm.transform_cotangent(to_channels_last(X), shape)
        Y = algorithm.input_gradient(transformed, self.weight.T, shape)
        if self.bias is not None:
            Y += self.bias
        Y = from_channels_last(Y)
        return Y, ConvTranspose2dCache(algorithm, transformed, Y.shape)

    def backward(self, dY: Array, cache: ConvTranspose2dCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        algorithm, X, shape = cache
        check_cotangent(self, dY, shape)
        dY = to_channels_last(dY)
        dX, kept = algorithm.forward(dY, self.weight.T, None)
        grads = {"weight": algorithm.weight_gradient(X, kept).T}
        if self.bias is not None:
            grads["bias"] = sum_places(dY)
        return from_channels_last(dX), grads

    def _output_size(self, X: Array) -> tuple[int, int]:
        rows, columns = (
            (size - 1) * stride - 2 * padding + kernel + more
            for size, kernel, stride, padding, more in zip(
                X.shape[2:], *self.geometry, self.output_padding, strict=True
            )
        )
        if min(rows, columns, *X.shape[2:]) < 1:
            raise ValueError(f"{self!r}: X has shape {X.shape}, of which nothing is left when the padding is cut off")
        return rows, columns
