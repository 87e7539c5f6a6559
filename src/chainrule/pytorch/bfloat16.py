"""Whether this machine multiplies matrices in bfloat16 sooner than in float32, which is what they are asked for."""

from __future__ import annotations

import time
from functools import cache

import torch

SIDE = 256  # of the matrices: a product of some milliseconds even where it is slow
TRIES = 3


@cache
def measure_bfloat16() -> float:
    """Return how many times as long as in float32 a matrix product takes in bfloat16, in processor time."""
    return _measure(torch.bfloat16) / max(_measure(torch.float32), 1e-9)


def _measure(dtype: torch.dtype) -> float:
    A = torch.ones(SIDE, SIDE, dtype=dtype)
    A @ A  # what the library prepares
    times = []
    for _ in range(TRIES):
        started = time.process_time()
        A @ A
        times.append(time.process_time() - started)
    return min(times)
