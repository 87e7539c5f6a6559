"""Memory for the arrays that every step overwrites."""

from __future__ import annotations

import ctypes
import math
import sys
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

LARGE_PAGE = 1 << 21  # bytes
ASKED_FROM = 1 << 22  # bytes from which NumPy asks Linux for large pages


def allocate_on_large_pages(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Return an uninitialised array like `np.empty`, on pages of 2 MiB where the system has them.

    A batch of CIFAR-10 spans 600 pages of 4 KiB, each of which the processor must look up: 4 % of a training step.
    The array lies within a block so large that NumPy asks for large pages; what nobody touches takes no memory.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    block = np.empty(max(size, ASKED_FROM) + LARGE_PAGE, np.uint8)
    start = -block.ctypes.data % LARGE_PAGE
    return block[start : start + size].view(dtype).reshape(shape)


def keep_freed_memory() -> None:
    """Let the process reuse the memory of freed tensors instead of returning it to the system.

    A step of the CNN at batch 128 allocates and frees 1 GB; Linux clears each page that comes back, a fifth of the
    step. The numbers stay the same; only their addresses change. Has no effect without glibc.
    """
    M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of malloc.h
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(M_MMAP_MAX, 0)
        library.mallopt(M_TRIM_THRESHOLD, 2**31 - 1)
