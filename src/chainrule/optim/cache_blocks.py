"""Run an elementwise update over large arrays in pieces that stay in the cache.

An update such as Adam's reads and writes each array several times. Over whole arrays each of these passes goes through
main memory; over pieces of half a megabyte all but the first are served by the core's own cache. Each element's
arithmetic is the same whichever piece it falls into: the results do not depend on the pieces, nor on the threads that
share them where there are many elements. Of few, threads would win nothing: right after a product the other cores
belong to the BLAS, whose threads wait for more without sleeping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule.threads import run_parts

Array = NDArray[Any]

PIECE = 1 << 17  # elements; 512 KiB in float32
MANY = 1 << 22  # elements of all parameters, from which on threads share the pieces


def update_in_pieces(update: Callable[..., None], groups: Sequence[tuple[Array, ...]]) -> None:
    """Call `update(*slices, scratch)` for each piece of each group of arrays that have one shape.

    `update` writes into the slices; `scratch` is an uninitialised array of the slices' shape and dtype.
    """
    pieces = [piece for group in groups for piece in _split(group)]

    def compute(piece: tuple[Array, ...]) -> None:
        update(*piece, np.empty_like(piece[0]))

    if sum(piece[0].size for piece in pieces) >= MANY:
        run_parts(compute, pieces)
    else:
        for piece in pieces:
            compute(piece)


def _split(group: tuple[Array, ...]) -> Iterator[tuple[Array, ...]]:
    first = group[0]
    flat = first.flags.c_contiguous or first.flags.f_contiguous  # else no flat view exists that writes go through
    if first.size <= PIECE or not flat:
        yield group
        return
    arrays = [array.ravel(order="K") for array in (first, *(_laid_out_as(first, other) for other in group[1:]))]
    for start in range(0, first.size, PIECE):
        yield tuple(array[start : start + PIECE] for array in arrays)


def _laid_out_as(first: Array, other: Array) -> Array:
    """Return `other` in the memory order of `first`: itself where they agree, else a copy."""
    if other.strides == first.strides:
        return other
    copy = np.empty_like(first, dtype=other.dtype)
    copy[...] = other
    return copy
