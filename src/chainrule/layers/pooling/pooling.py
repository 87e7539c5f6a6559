"""Pooling: windows that slide along the rows and the columns of an image, one axis at a time.

A maximum or a sum over a rectangle is one over its columns, then over the rows of what they give: six operations a
window of 3×3 in place of nine. All arrays here lie channels last, (S, H, W, C); `axis` is 1 or 2. Each thread pools a
few images at a time, which stay in its cache.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NamedTuple

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent
from chainrule.layers.channels_last import Pair, as_pair, check_images, from_channels_last, to_channels_last
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.memory import empty
from chainrule.threads import cut, run_parts

IN_CACHE = 1 << 20  # bytes of X in one part of a batch


class Window(NamedTuple):
    """What slides along one axis: its size, the places between two windows, and the places added at either end."""

    size: int
    stride: int
    padding: int

    def count(self, n: int) -> int:
        """How many windows lie within an axis of n places, padding included."""
        return (n + 2 * self.padding - self.size) // self.stride + 1

    def meet(self, a: int, axis: int, n: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
        """Return where the window's entry `a` is not padding: the indices of such outputs, and of their inputs."""
        first = max(0, -((a - self.padding) // self.stride))
        last = min(self.count(n) - 1, (n - 1 + self.padding - a) // self.stride)
        many, start = max(0, last - first + 1), first * self.stride + a - self.padding
        before = (slice(None),) * axis
        return (*before, slice(first, first + many)), (*before, slice(start, start + many * self.stride, self.stride))


class Pooling(Layer):
    """A layer that makes one number of each window of each channel; what number, its subclasses say.

    Input (S, C, H, W), output (S, C, I, J) with I = (H + 2 padding - kernel) // stride + 1, and columns alike.
    """

    def __init__(self, kernel_size: int | Pair, stride: int | Pair | None = None, padding: int | Pair = 0) -> None:
        name, kernel = type(self).__name__, as_pair(type(self).__name__, "kernel_size", kernel_size, 1)
        strides = kernel if stride is None else as_pair(name, "stride", stride, 1)
        self.geometry = Geometry(kernel, strides, as_pair(name, "padding", padding, 0))
        if any(2 * p > k for p, k in zip(self.geometry.padding, kernel, strict=True)):
            raise ValueError(f"{name}: padding is {padding}, but must be at most half of kernel_size {kernel_size}")
        self.rows, self.columns = map(Window, *self.geometry)

    def __repr__(self) -> str:
        kernel, stride, padding = self.geometry
        given = f"kernel_size={kernel}, stride={stride}"
        return f"{type(self).__name__}({given}{f', padding={padding}' if any(padding) else ''})"

    def forward(self, X: Array) -> tuple[Array, tuple[list[Any], tuple[int, ...]]]:
        """Return Y; the cache is what `_spread` needs for each part of the batch, and the shape of X."""
        check_images(self, X)
        S, C, *size = self._output_shape(X.shape)
        last, Y, parts = to_channels_last(X), empty((S, *size, C), X.dtype), cut_images(X)
        caches: list[Any] = [None] * len(parts)

        def pool(n: int) -> None:
            Y[parts[n]], caches[n] = self._pool(last[parts[n]])

        run_parts(pool, range(len(parts)))
        return from_channels_last(Y), (caches, X.shape)

    def backward(self, dY: Array, cache: tuple[list[Any], tuple[int, ...]]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        caches, (S, C, H, W) = cache
        check_cotangent(self, dY, self._output_shape((S, C, H, W)))
        last, dX = to_channels_last(dY), empty((S, H, W, C), dY.dtype)
        parts = cut_images(from_channels_last(dX))

        def spread(n: int) -> None:
            dX[parts[n]] = self._spread(last[parts[n]], caches[n], dX[parts[n]].shape)

        run_parts(spread, range(len(parts)))
        return from_channels_last(dX), {}

    @abstractmethod
    def _pool(self, X: Array) -> tuple[Array, Any]:
        """Return the output and what `_spread` needs, both channels last."""

    @abstractmethod
    def _spread(self, dY: Array, cache: Any, shape: tuple[int, ...]) -> Array:
        """Return dX of this shape, channels last."""

    def _output_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        S, C, H, W = shape
        size = self.rows.count(H), self.columns.count(W)
        if min(size) < 1:
            raise ValueError(f"{self!r}: X has shape {shape}, which is smaller than the window even when padded")
        return S, C, *size


def cut_images(X: Array) -> list[slice]:
    """Cut a batch of images into parts that stay in the cache."""
    return cut(len(X), max(1, IN_CACHE * len(X) // max(X.nbytes, 1)))
