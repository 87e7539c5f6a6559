"""What the convolutions of images and of sequences share: parameters, checks, and the choice of an algorithm."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating, uniform
from chainrule.layers.channels_last import Pair, from_channels_last, to_channels_last
from chainrule.layers.convolution.algorithm import Algorithm
from chainrule.layers.convolution.choice import ALGORITHMS, choose_algorithm, list_fitting
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.convolution.grouped import Depthwise, Grouped
from chainrule.layers.normalization.batch_norm import sum_rows
from chainrule.threads import cut, sum_parts

ROWS = 1 << 12  # of dY that are added up at once


class ConvolutionCache(NamedTuple):
    """What the backward of a convolution needs."""

    algorithm: Algorithm
    kept: Array  # what the algorithm needs of X
    shapes: tuple[tuple[int, ...], tuple[int, ...]]  # of X, channels last, and of Y


class Convolution(Layer):
    """A convolution of images; of sequences, which are images of one row, a subclass makes them by `_lift`."""

    parameter_names = freezable = ("weight", "bias")
    axes: ClassVar[tuple[str, ...]]  # of an input, behind samples and channels

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
        *,
        groups: int = 1,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
        algorithm: str = "auto",
    ) -> None:
        name = type(self).__name__
        self.in_channels = as_size(name, "in_channels", in_channels, 1)
        self.out_channels = as_size(name, "out_channels", out_channels, 1)
        self.groups = as_size(name, "groups", groups, 1)
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"{name}: groups is {groups}, but must divide {in_channels} and {out_channels} channels")
        self.algorithm = algorithm
        self.geometry = Geometry(
            self._as_pair("kernel_size", kernel_size, 1),
            self._as_pair("stride", stride, 1),
            self._as_pair("padding", padding, 0),
        )
        fitting = ["auto", *(list_fitting(self.geometry) if groups == 1 else [])]
        if algorithm not in fitting:
            raise ValueError(f"{name}: algorithm is {algorithm!r}, but must be one of {', '.join(fitting)}")
        kernel = self.geometry.kernel[-len(self.axes) :]
        bound = 1 / math.sqrt(in_channels // groups * math.prod(kernel))
        shape = (out_channels, in_channels // groups, *kernel)
        self.weight: Array = np.asfortranarray(uniform(rng, bound, shape, dtype))
        self.bias: Array | None = uniform(rng, bound, (out_channels,), dtype) if bias else None

    def __repr__(self) -> str:
        axes = len(self.axes)
        kernel, stride, padding = (pair if axes == 2 else pair[1] for pair in self.geometry)
        given = f"{self.in_channels}, {self.out_channels}, kernel_size={kernel}"
        given += f", stride={stride}" if self.geometry.stride != (1, 1) else ""
        given += f", padding={padding}" if any(self.geometry.padding) else ""
        given += f", groups={self.groups}" if self.groups > 1 else ""
        return f"{type(self).__name__}({given}{'' if self.bias is not None else ', bias=False'})"

    def forward(self, X: Array) -> tuple[Array, ConvolutionCache]:
        """Return Y; the cache is a ConvolutionCache."""
        self._check_input(X)
        X = to_channels_last(self._lift(X))
        algorithm = self._choose_algorithm(X.shape)
        Y, kept = algorithm.forward(X, self._lift(self.weight).T, self.bias, self.training)
        Y = self._drop(from_channels_last(Y))
        return Y, ConvolutionCache(algorithm, kept, (X.shape, Y.shape))

    def backward(self, dY: Array, cache: ConvolutionCache) -> tuple[Array, Arrays]:
        """Return dX and the gradients of weight and bias."""
        dY = self._arrange_cotangent(dY, cache)
        transformed = cache.algorithm.transform_cotangent(dY, cache.shapes[0])
        grads = self._parameter_gradients(dY, transformed, cache)  # dW = Σ dY X and db = Σ dY, below
        dX = cache.algorithm.input_gradient(transformed, self._lift(self.weight).T, cache.shapes[0])  # dX = Σ dY W
        return self._drop(from_channels_last(dX)), grads

    def parameter_gradients(self, dY: Array, cache: ConvolutionCache) -> Arrays:
        """Return the gradients of weight and bias alone."""
        dY = transformed = self._arrange_cotangent(dY, cache)
        if "weight" in self.parameter_names:
            transformed = cache.algorithm.transform_cotangent(dY, cache.shapes[0])
        return self._parameter_gradients(dY, transformed, cache)

    def _arrange_cotangent(self, dY: Array, cache: ConvolutionCache) -> Array:
        """Return dY as that of images, channels last."""
        check_cotangent(self, dY, cache.shapes[1])
        return to_channels_last(self._lift(dY))

    def _parameter_gradients(self, dY: Array, transformed: Array, cache: ConvolutionCache) -> Arrays:
        grads = {}
        if "weight" in self.parameter_names:
            grads["weight"] = self._drop(cache.algorithm.weight_gradient(transformed, cache.kept).T)
        if self.bias is not None and "bias" in self.parameter_names:
            grads["bias"] = sum_places(dY)
        return grads

    def _choose_algorithm(self, shape: tuple[int, ...]) -> Algorithm:
        if self.groups > 1:
            kind = Depthwise if self.groups == self.in_channels else Grouped
            return kind(self.geometry, self.groups)
        chosen = self.algorithm
        if chosen == "auto":
            chosen = choose_algorithm(self.geometry, shape, self.out_channels)
        return ALGORITHMS[chosen](self.geometry)

    def _check_input(self, X: Array) -> None:
        check_floating(self, X)
        if X.ndim != 2 + len(self.axes) or X.shape[1] != self.in_channels:
            axes = ", ".join(self.axes)
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, {self.in_channels}, {axes})")
        if min(self.geometry.output_size(*self._lift(X).shape[2:])) < 1:
            raise ValueError(f"{self!r}: X has shape {X.shape}, which is smaller than the kernel even when padded")

    @abstractmethod
    def _as_pair(self, name: str, value: int | Pair, least: int) -> Pair:
        """Return an argument's numbers for rows and columns."""

    def _lift(self, array: Array) -> Array:
        """Bring an array of the layer to that of images: X, Y or the weight."""
        return array

    def _drop(self, array: Array) -> Array:
        """Bring an array of images to that of the layer."""
        return array


def sum_places(dY: Array) -> Array:
    """Return the sum over samples, rows and columns of an array that lies channels last."""
    rows = dY.reshape(-1, dY.shape[3])
    return sum_parts(lambda part: sum_rows(rows[part]), cut(len(rows), ROWS))
