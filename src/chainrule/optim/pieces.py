"""Run an elementwise update over large arrays in pieces that stay in the cache, on all cores.

An update such as Adam's reads and writes each array several times. Over whole arrays each of these passes goes through
main memory; over pieces of a quarter of a megabyte all but the first are served by the core's own cache. NumPy lets go
of the interpreter's lock inside each pass, so threads share the pieces. Each element's arithmetic is the same whichever
thread and piece it falls into: the results do not depend on either.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

PIECE = 1 << 16  # elements; 256 KiB in float32
WORTH_THREADS = 4 * PIECE  # elements below which starting threads costs more than it saves


def update_in_pieces(update: Callable[..., None], groups: Sequence[tuple[Array, ...]]) -> None:
    """Call `update(*slices, scratch)` for each piece of each group of arrays that have one shape.

    `update` writes into the slices; `scratch` is an uninitialised array of the slices' shape and dtype.
    """
    pieces = [piece for group in groups for piece in _split(group)]
    threads = _thread_count() if sum(piece[0].size for piece in pieces) >= WORTH_THREADS else 1
    shares = [pieces[i::threads] for i in range(threads)]
    others = [_pool().submit(_update_all, update, share) for share in shares[1:]]
    _update_all(update, shares[0])
    for other in others:
        other.result()


def _update_all(update: Callable[..., None], pieces: Sequence[tuple[Array, ...]]) -> None:
    scratch: dict[np.dtype[Any], Array] = {}
    for piece in pieces:
        first = piece[0]
        if first.ndim != 1:
            update(*piece, np.empty_like(first))
            continue
        if first.dtype not in scratch:
            scratch[first.dtype] = np.empty(PIECE, first.dtype)
        update(*piece, scratch[first.dtype][: first.size])


def _split(group: tuple[Array, ...]) -> Iterator[tuple[Array, ...]]:
    first = group[0]
    if not (first.flags.c_contiguous or first.flags.f_contiguous):
        yield group  # no flat view exists that writes would go through
        return
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


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_thread_count(), thread_name_prefix="chainrule-optim")


@cache
def _thread_count() -> int:
    """Cores that this process may use, or OMP_NUM_THREADS where that is set lower."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(cores, int(asked))) if asked.isdigit() else cores
