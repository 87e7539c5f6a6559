"""Work on all cores at once: NumPy releases the interpreter's lock while it computes, so Python's threads suffice.

NumPy's matrix products have threads of their own, in the BLAS. But each product starts them and waits for them anew,
which does not pay for a small product; they wait without sleeping, which slows everybody else; and all other operations
have one thread only. So here the work is cut into parts, each thread takes the next part until none is left, and
meanwhile the BLAS computes each product in the thread that asks for it. The parts are the same however many threads
there are, and so are the results.

Imports: nothing else of chainrule.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

Array = NDArray[Any]
Part = TypeVar("Part")
SUMS = 8  # of which `sum_parts` makes one: a thread adds to one of them at a time


def run_parts(compute: Callable[[Part], object], parts: Iterable[Part]) -> None:
    """Call `compute(part)` for every part, in as many threads as the BLAS has, and return when all are done.

    What a part writes, no other may read or write.
    """
    parts = list(parts)
    rest = iter(parts)  # the step to its next item is one that threads cannot disturb

    def work() -> None:
        for part in rest:
            compute(part)

    with single_threaded_blas() as threads:
        others = [pool().submit(work) for _ in range(min(threads, len(parts)) - 1)]
        try:
            work()
        finally:
            for other in others:
                other.result()


def run_pieces(compute: Callable[..., object], most: int, *arrays: Array) -> None:
    """Call `compute`, which treats each entry alike, on pieces of the arrays, of at most so many entries.

    On the arrays as they are where they are no longer than that, or don't lie in memory alike.
    """
    first = arrays[0]
    if first.size <= most or any(array.strides != first.strides for array in arrays):
        compute(*arrays)
        return
    flat = [array.ravel(order="K") for array in arrays]
    run_parts(lambda part: compute(*(array[part] for array in flat)), cut(first.size, most))


def sum_parts(compute: Callable[[slice], Array], parts: Sequence[slice]) -> Array:
    """Return the sum of the arrays `compute(part)`, added up in the same order however many threads there are.

    The sum of no parts is what `compute` makes of an empty one.
    """
    parts = parts or [slice(0, 0)]
    sums: list[Array | int] = [0] * min(SUMS, len(parts))

    def add(n: int) -> None:
        for part in parts[n :: len(sums)]:
            sums[n] += compute(part)

    run_parts(add, range(len(sums)))
    return np.asarray(sum(sums))


def cut(size: int, most: int) -> list[slice]:
    """Cut `range(size)` into slices of nearly equal length, at most `most` each; an even number of them if possible."""
    count = -(-size // max(most, 1))
    count += count % 2 if 1 < count < size else 0
    return [slice(size * i // count, size * (i + 1) // count) for i in range(count)]


class Limit:
    """How many calls of `run_parts` are under way, and the threads that each BLAS library had before the first."""

    def __init__(self) -> None:
        self.lock, self.calls, self.threads = Lock(), 0, [1]


LIMIT = Limit()


@contextmanager
def single_threaded_blas() -> Iterator[int]:
    """Let the BLAS compute in the thread that calls it; yield the number of threads that it has otherwise."""
    with LIMIT.lock:
        if not LIMIT.calls:
            LIMIT.threads = [library.get_num_threads() for library in blas()]
            set_blas_threads([1] * len(blas()))
        LIMIT.calls += 1
    try:
        yield max(LIMIT.threads, default=1)
    finally:
        with LIMIT.lock:
            LIMIT.calls -= 1
            if not LIMIT.calls:
                set_blas_threads(LIMIT.threads)


def set_blas_threads(threads: list[int]) -> None:
    """Set the number of threads of each library's matrix products."""
    for library, number in zip(blas(), threads, strict=True):
        library.set_num_threads(number)


@cache
def blas() -> list[Any]:
    """The BLAS libraries that this process has loaded."""
    return ThreadpoolController().select(user_api="blas").lib_controllers


@cache
def pool() -> ThreadPoolExecutor:
    """The threads beside the one that calls, made when they are first needed; they sleep between calls."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="chainrule")


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=pool.cache_clear)
