"""How much work a search may do: counted, not timed, so that every machine gives the same answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

FOR_ALL = 24.0  # seconds of processor time for the explanations of one verdict
SECONDS = 20.0  # of processor time: ends what does much that no array shows; counted work is spent long before


_end: ContextVar[float] = ContextVar("end", default=float("inf"))


@contextmanager
def within_seconds(seconds: float) -> Iterator[None]:
    """End all budgets within after so much processor time, or earlier where one around says so."""
    token = _end.set(min(_end.get(), time.thread_time() + seconds))
    try:
        yield
    finally:
        _end.reset(token)


def is_time_over() -> bool:
    """Tell whether the processor time is spent that a search may take."""
    return time.thread_time() > _end.get()


class Budget:
    """Work that is left, in entries of arrays."""

    def __init__(self, entries: int) -> None:
        self._left, self._end = entries, time.thread_time() + SECONDS

    def spend(self, entries: int) -> None:
        """Take away work that is done."""
        self._left -= entries

    @property
    def is_spent(self) -> bool:
        """Whether no more may be done."""
        return self._left < 0 or time.thread_time() > self._end or is_time_over()


def count_entries(*values: Any) -> int:
    """Return how many entries arrays have together; anything else counts as one."""
    return sum(int(np.size(value)) if hasattr(value, "shape") else 1 for value in values)
