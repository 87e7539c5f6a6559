"""Complex steps through forwards that collect their results in an array of zeros: there they would be lost."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

MAKERS = ("zeros", "ones")  # random numbers are drawn into np.empty, which stays


@contextmanager
def complex_arrays() -> Iterator[None]:
    """Let np.zeros and its like make complex arrays where they are asked for floats, in this thread."""
    kept = {name: getattr(np, name) for name in MAKERS}
    for name, maker in kept.items():
        setattr(np, name, _complex(maker, threading.get_ident()))
    try:
        yield
    finally:
        for name, maker in kept.items():
            setattr(np, name, maker)


def _complex(maker: Callable[..., Any], thread: int) -> Callable[..., Any]:
    @functools.wraps(maker)
    def make(shape: Any, dtype: Any = float, *arguments: Any, **options: Any) -> Any:
        is_float = threading.get_ident() == thread and dtype in (float, np.float64, None)
        return maker(shape, complex if is_float else dtype, *arguments, **options)

    return make
