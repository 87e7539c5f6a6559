"""Large arrays whose memory is reused once released: after the first steps, training allocates nothing.

Fresh memory is expensive: the system hands it out page by page and fills each page with zeros first, which takes longer
than many layers take to compute. So a block that was used once is kept for the next array of its size.
Nobody gives a block back by hand, and none can be taken from under an array: the block is lent to a lease, the array
and every view of it hold the lease, and when the last of them is gone, so is the lease, and the block is free.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array

SMALL = 1 << 16  # bytes; below it the allocator of NumPy is as fast
ALIGNMENT = 64  # bytes; a cache line, and the widest load of a processor
IDLE = 300.0  # seconds, several steps of a large batch, after which a block that nobody took is let go


class Store:
    """Free blocks by size, each with the time since when it has been free."""

    def __init__(self) -> None:
        self.free: defaultdict[int, list[tuple[float, Array]]] = defaultdict(list)

    def lend(self, size: int) -> Array:
        """Return a block of at least `size` bytes."""
        size = round_up(size + ALIGNMENT)
        try:
            return self.free[size].pop()[1]
        except IndexError:
            self.forget_idle()
            return np.empty(size, np.uint8)

    def take_back(self, block: Array) -> None:
        """Keep a block for the next array of its size."""
        self.free[block.size].append((time.monotonic(), block))

    def forget_idle(self) -> None:
        """Free the blocks that nobody has used for IDLE seconds: memory is asked for that is not there."""
        now = time.monotonic()
        for size, blocks in list(self.free.items()):
            self.free[size] = [(since, block) for since, block in blocks if now - since < IDLE]


class Lease:
    """Holds a block as long as any array lies in it; NumPy finds it by `__array_interface__`."""

    def __init__(self, store: Store, shape: tuple[int, ...], dtype: np.dtype) -> None:
        self.store, self.block = store, store.lend(math.prod(shape) * dtype.itemsize)
        address = -(-self.block.ctypes.data // ALIGNMENT) * ALIGNMENT
        self.__array_interface__ = {"shape": shape, "typestr": dtype.str, "data": (address, False), "version": 3}

    def __del__(self) -> None:
        self.store.take_back(self.block)


STORE = Store()


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Return an uninitialised array, like `np.empty`; a large one reuses released memory, if there is any."""
    dtype = np.dtype(dtype)
    if math.prod(shape) * dtype.itemsize < SMALL:
        return np.empty(shape, dtype)
    return np.asarray(Lease(STORE, shape, dtype))


def empty_like(X: Array, dtype: DTypeLike | None = None) -> Array:
    """Return an array as `empty` does, of the shape and dtype of X, whose axes lie in memory in the order of X's."""
    order = sorted(range(X.ndim), key=lambda axis: -abs(X.strides[axis]))
    shape = tuple(X.shape[axis] for axis in order)
    return empty(shape, X.dtype if dtype is None else dtype).transpose(np.argsort(order))


def round_up(size: int) -> int:
    """Return `size` rounded up to three binary digits, so that sizes that are nearly equal share blocks."""
    unit = 1 << max(size.bit_length() - 3, 0)
    return -(-size // unit) * unit
