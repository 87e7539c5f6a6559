"""Run an elementwise update over large arrays in pieces that stay in the cache.

An update such as Adam's reads and writes each array several times. Over whole arrays each of these passes goes through
main memory; over pieces of half a megabyte all but the first are served by the core's own cache. Each element's
arithmetic is the same whichever piece it falls into: the results do not depend on the pieces. Threads of our own would
not help: while a network trains, the other cores belong to the BLAS, whose threads wait for work without sleeping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

PIECE = 1 << 17  # elements; 512 KiB in float32


def update_in_pieces(update: Callable[..., None], groups: Sequence[tuple[Array, ...]]) -> None:
    """Call `update(*slices, scratch)` for each piece of each group of arrays that have one shape.

    `update` writes into the slices; `scratch` is an uninitialised array of the slices' shape and dtype.
    """
    for group in groups:
        whole = group[0]
        flat = whole.flags.c_contiguous or whole.flags.f_contiguous  # else no flat view exists that writes go through
        if whole.size <= PIECE or not flat:
            update(*group, np.empty_like(whole))
            continue
        scratch = np.empty(PIECE, whole.dtype)
        for piece in _split(group):
            update(*piece, scratch[: piece[0].size])


def _split(group: tuple[Array, ...]) -> Iterator[tuple[Array, ...]]:
    first = group[0]
    flat = [array.ravel(order="K") for array in (first, *(_laid_out_as(first, other) for other in group[1:]))]
    for start in range(0, first.size, PIECE):
        yield tuple(array[start : start + PIECE] for array in flat)


def _laid_out_as(first: Array, other: Array) -> Array:
    """Return `other` in the memory order of `first`: itself where they agree, else a copy."""
    if other.strides == first.strides:
        return other
    copy = np.empty_like(first, dtype=other.dtype)
    copy[...] = other
    return copy
