"""Whether this machine multiplies matrices in bfloat16 sooner than in float32, which is what they are asked for."""

from __future__ import annotations

import time
from functools import cache

from chainrule.train.config import Config

SIDE = 256  # of the matrices: a product of some milliseconds even where it is slow
TRIES = 3


def describe_slow_bfloat16(config: Config, device: str) -> str | None:
    """Say, in a sentence, that autocast slows a run on this processor down; None where it does not, or is not on."""
    if not config.autocast or device != "cpu" or (ratio := measure_bfloat16()) <= 1:
        return None
    return (
        f"autocast=true multiplies in bfloat16, which takes this processor {ratio:.2g} times as long as float32: "
        "it has no instructions for it (AVX512-BF16 or AMX); autocast=false is faster"
    )


@cache
def measure_bfloat16() -> float:
    """Return how many times as long as in float32 a matrix product takes in bfloat16, in processor time."""
    import torch

    def measure(dtype: torch.dtype) -> float:
        A = torch.ones(SIDE, SIDE, dtype=dtype)
        A @ A  # what the library prepares
        times = []
        for _ in range(TRIES):
            started = time.process_time()
            A @ A
            times.append(time.process_time() - started)
        return min(times)

    return measure(torch.bfloat16) / max(measure(torch.float32), 1e-9)
