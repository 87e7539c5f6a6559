"""The operations of a forward, in the order in which they run: recorded once, then run again with some changed.

A change replaces the result of an operation and sees what it was at the recorded point. So "treated as a constant"
needs no rule for any operation: the recorded result is returned again, and whatever difference is taken of the
forward's output does not go through it.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType
from typing import Any

HERE = str(Path(__file__).parents[1])
SIGNS = {
    "add": "+", "subtract": "-", "multiply": "*", "mul": "*", "sub": "-", "divide": "/", "true_divide": "/", "div": "/",
    "power": "**", "pow": "**", "matmul": "@", "negative": "-", "add.reduce": "sum", "multiply.reduce": "prod",
    "maximum.reduce": "max", "minimum.reduce": "min", "absolute": "abs",
}  # fmt: skip


OVERHEAD = 1000  # entries that could be computed in the time in which an operation is called


class ReplayError(Exception):
    """The forward ran other operations than when it was recorded."""


@dataclass(frozen=True)
class Site:
    """A place in the source where an operation stands: it runs once, or in every turn of a loop."""

    operation: str
    file: str
    line: int
    position: int  # of the instruction, for two operations on one line
    expression: str = field(default="", compare=False)
    caller: int = 0  # the line of the same file from which its function was called


@dataclass(frozen=True, eq=False)
class Execution:
    """One run of an operation: its arguments and its result, both as they were at the recorded point."""

    site: Site
    call: Callable[..., Any]
    arguments: tuple[Any, ...]
    result: Any


def count_work(executions: Sequence[Execution]) -> int:
    """Return the work of a run, in entries that its operations compute."""
    return sum(OVERHEAD + int(getattr(execution.result, "size", 1)) for execution in executions)


Change = Callable[[Execution, tuple[Any, ...], Any], Any]  # (as recorded, arguments now, result now) -> result
Changes = Mapping[Site, Change]


class Tape:
    """Records the executions of a forward; given those of an earlier run and changes, runs them again changed."""

    def __init__(self, recorded: Sequence[Execution] | None = None, changes: Changes | None = None) -> None:
        self.executions: list[Execution] = []
        self._recorded, self._changes, self._count = recorded, changes or {}, 0

    def note(
        self, operation: str, call: Callable[..., Any], arguments: tuple[Any, ...], copy: Callable[[Any], Any]
    ) -> Any:
        """Run `call(*arguments)`, record it or change its result, and return that."""
        site = _find_site(operation) if self._recorded is None else None
        return self._note(operation, site, call, arguments, copy)

    def note_at(
        self, site: Site, call: Callable[..., Any], arguments: tuple[Any, ...], copy: Callable[[Any], Any]
    ) -> Any:
        """Do the same for an operation whose place is known."""
        return self._note(site.operation, site, call, arguments, copy)

    def _note(
        self,
        operation: str,
        site: Site | None,
        call: Callable[..., Any],
        arguments: tuple[Any, ...],
        copy: Callable[[Any], Any],
    ) -> Any:
        if self._recorded is None:
            assert site is not None
            kept = tuple(copy(argument) for argument in arguments)
            result = call(*arguments)
            self.executions.append(Execution(site, call, kept, copy(result)))
            return result
        if self._count >= len(self._recorded) or self._recorded[self._count].site.operation != operation:
            raise ReplayError("the forward took another way")
        execution = self._recorded[self._count]
        self._count += 1
        result = call(*arguments)
        change = self._changes.get(execution.site)
        return result if change is None else change(execution, arguments, result)


_current: ContextVar[Tape | None] = ContextVar("tape", default=None)


def current_tape() -> Tape | None:
    """Return the tape that operations are noted on, if any."""
    return _current.get()


@contextmanager
def on_tape(tape: Tape) -> Iterator[Tape]:
    """Note the operations that run within on this tape."""
    token = _current.set(tape)
    try:
        yield tape
    finally:
        _current.reset(token)


def _find_site(operation: str) -> Site:
    """Return the place in the person's code: the nearest frame outside this folder and the array libraries."""
    frame = sys._getframe(2)
    while frame.f_back is not None and _is_machinery(frame.f_code.co_filename):
        frame = frame.f_back
    code = frame.f_code
    outer = frame.f_back
    caller = outer.f_lineno if outer and outer.f_code.co_filename == code.co_filename else 0
    expression = _read_expression(code, frame.f_lasti)
    return Site(operation, code.co_filename, frame.f_lineno, frame.f_lasti, expression, caller)


@lru_cache(maxsize=4096)
def _read_expression(code: CodeType, position: int) -> str:
    """Return the text of the expression that an instruction belongs to; "" for one of several lines."""
    line, end, first, last = next(islice(code.co_positions(), position // 2, None), (None,) * 4)
    if line is None or line != end or first is None or last is None:
        return ""
    return linecache.getline(code.co_filename, line).encode()[first:last].decode(errors="replace")


def _is_machinery(file: str) -> bool:
    return file.startswith(HERE) or any(f"/{library}/" in file.replace("\\", "/") for library in ("numpy", "torch"))


def call_it(site: Site) -> str:
    """Return the operation as a person writes it: `/`, `mean`, `exp`."""
    return SIGNS.get(site.operation, site.operation)
