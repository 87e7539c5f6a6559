"""Images cut into tiles, as Winograd's convolution takes them: m × m outputs, and the (m+2) × (m+2) inputs they meet.

Of an array of tiles, the first axis runs over the entries of a tile, column by column as in the kernel, the second over
all tiles of all images, the third over the channels.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.convolution.geometry import Geometry
from chainrule.layers.memory import empty
from chainrule.threads import cut

MOST = 64  # tiles in a part: rows enough for a matrix product, few enough for the cache
LARGEST = 256  # tiles in a part of a large batch, which reads the kernel, larger than the cache, less often: 8 % less
PARTS = 16  # at least, before parts grow


class Tiles(NamedTuple):
    """How images are cut into tiles: m × m outputs each, of which there are `rows` × `columns` in an image."""

    m: int
    rows: int
    columns: int
    geometry: Geometry

    @classmethod
    def of(cls, m: int, shape: tuple[int, ...], geometry: Geometry) -> Tiles:
        """The tiles for inputs of this shape (S, H, W, C)."""
        I, J = geometry.output_size(*shape[1:3])  # noqa: E741
        return cls(m, -(-I // m), -(-J // m), geometry)

    @property
    def number(self) -> int:
        """Tiles in an image."""
        return self.rows * self.columns

    @property
    def entries(self) -> int:
        """Inputs in a tile."""
        return (self.m + 2) ** 2

    def of_samples(self, samples: slice) -> slice:
        """The numbers of the tiles of some images, among those of all images."""
        return slice(samples.start * self.number, samples.stop * self.number)

    def cut_samples(self, samples: int) -> list[slice]:
        """The images in parts of a size that suits the cache."""
        most = min(LARGEST, max(MOST, samples * self.number // PARTS))
        return cut(samples, most // self.number)

    def gather_input(self, X: Array) -> Array:
        """The tiles (n², S·rows·columns, C) of images (S, H, W, C), n × n entries each, column by column."""
        m, n, (p, q), (S, H, W, C) = self.m, self.m + 2, self.geometry.padding, X.shape
        padded = empty((S, self.rows * m + 2, self.columns * m + 2, C), X.dtype)
        padded.fill(0)
        padded[:, p : p + H, q : q + W] = X[:, : padded.shape[1] - p, : padded.shape[2] - q]
        s, h, w, c = padded.strides
        windows = np.lib.stride_tricks.as_strided(
            padded, (n, n, S, self.rows, self.columns, C), (w, h, s, m * h, m * w, c), writeable=False
        )
        tiles = empty(windows.shape, X.dtype)
        tiles[...] = windows
        return tiles.reshape(n * n, -1, C)

    def scatter_input(self, tiles: Array, X: Array) -> None:
        """Set images X to the sum of their tiles (n², S·rows·columns, C): the backward of `gather_input`."""
        m, n, (p, q), (S, H, W, C) = self.m, self.m + 2, self.geometry.padding, X.shape
        R, L = self.rows, self.columns
        tiles = tiles.reshape(n, n, S, R, L, C)
        padded = empty((S, (R + 1) * m, (L + 1) * m, C), X.dtype)
        padded[:, R * m :], padded[:, :, L * m :] = 0, 0
        cells = padded.reshape(S, R + 1, m, L + 1, m, C).transpose(4, 2, 0, 1, 3, 5)
        cells[:, :, :, :R, :L] = tiles[:m, :m]
        cells[:2, :, :, :R, 1:] += tiles[m:, :m]
        cells[:, :2, :, 1:, :L] += tiles[:m, m:]
        cells[:2, :2, :, 1:, 1:] += tiles[m:, m:]
        X[...] = padded[:, p : p + H, q : q + W]

    def gather_output(self, Y: Array) -> Array:
        """The tiles (m², S·rows·columns, F) of images (S, I, J, F), m × m entries each, column by column."""
        tiles = empty((self.m, self.m, len(Y), self.rows, self.columns, Y.shape[3]), Y.dtype)
        tiles[...] = self._cells(Y if self._fits(Y) else self._extend(Y))
        return tiles.reshape(self.m**2, -1, Y.shape[3])

    def scatter_output(self, tiles: Array, Y: Array) -> None:
        """Set images Y to their tiles: the inverse of `gather_output`."""
        tiles = tiles.reshape(self.m, self.m, len(Y), self.rows, self.columns, -1)
        if self._fits(Y):
            self._cells(Y)[...] = tiles
        else:
            whole = empty(self._whole(Y), Y.dtype)
            self._cells(whole)[...] = tiles
            Y[...] = whole[:, : Y.shape[1], : Y.shape[2]]

    def _whole(self, Y: Array) -> tuple[int, ...]:
        return len(Y), self.rows * self.m, self.columns * self.m, Y.shape[3]

    def _fits(self, Y: Array) -> bool:
        return Y.shape == self._whole(Y)

    def _extend(self, Y: Array) -> Array:
        whole = np.zeros(self._whole(Y), Y.dtype)
        whole[:, : Y.shape[1], : Y.shape[2]] = Y
        return whole

    def _cells(self, Y: Array) -> Array:
        cells = Y.reshape(len(Y), self.rows, self.m, self.columns, self.m, Y.shape[3])
        return cells.transpose(4, 2, 0, 1, 3, 5)
