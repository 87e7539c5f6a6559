"""A person's code is called here, and what it raises is told: in which words, and at which line."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from chainrule.check.model.problem import SourceFile
from chainrule.errors import UserError

MATMUL = re.compile(r"matmul: .*core dimension.*\(size (\d+) is different from (\d+)\)", re.DOTALL)
ARGUMENTS = re.compile(r"\(\) (missing \d+ required|takes |got an unexpected keyword|got multiple values)")
PACKAGE = Path(__file__).parents[2]
Value = TypeVar("Value")


class ForbiddenError(PermissionError):
    """A person's file did what a check does not allow."""


class LeftOverError(TypeError):
    """A gradient holds complex numbers, which an earlier call was given and this one was not: it adds up."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the gradient of {name} holds complex numbers, which an earlier call was given")
        self.name = name


class NoGradientError(UserError):
    """What looked as if it came with its gradient has none, so that nothing of it can be checked."""


@dataclass(frozen=True)
class Failure:
    """What a person's code raised in place of an answer."""

    error: Exception

    @property
    def kind(self) -> str:
        """The name of the exception."""
        return type(self.error).__name__

    def describe(self, source: SourceFile | None = None) -> str:
        """Return what was raised, with the line of the person's file where the source is known."""
        return describe_failure(self.error, source)

    @property
    def is_of_arguments(self) -> bool:
        """Whether a function was handed too many arguments, too few or others than it has, from here."""
        frames = traceback.extract_tb(self.error.__traceback__)
        is_ours = bool(frames) and Path(frames[-1].filename).is_relative_to(PACKAGE)
        return is_ours and isinstance(self.error, TypeError) and ARGUMENTS.search(str(self.error)) is not None

    def __str__(self) -> str:
        """Return `ValueError: the message`, the first line of it."""
        return ": ".join(filter(None, (self.kind, *str(self.error).splitlines()[:1])))


def call_theirs(call: Callable[[], Value]) -> Value | Failure:
    """Run a person's code, which may fail in any way; return its value, or what it raised."""
    try:
        return call()
    except Exception as error:
        return Failure(error)


def until_failure(items: Iterator[Value]) -> Iterator[Value]:
    """Yield what a person's code leads to, up to where it fails."""
    with suppress(Exception):
        yield from items


def succeeds(call: Callable[[], object]) -> bool:
    """Run a person's code and tell whether it came to an end."""
    return not isinstance(call_theirs(call), Failure)


def describe_failure(error: BaseException, source: SourceFile | None) -> str:
    """Return what was raised, and the line of the person's file that it was raised in."""
    words = str(error) if isinstance(error, UserError | ForbiddenError) else _name(error)
    if mismatch := MATMUL.search(str(error)):
        left, right = mismatch[2], mismatch[1]
        words = f"the shapes of a matrix product do not fit: {left} columns on its left, {right} rows on its right"
    line = _find_line(error, source)
    return words if source is None or line is None else f"{words} (line {line}: {source.line(line)})"


def _name(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _find_line(error: BaseException, source: SourceFile | None) -> int | None:
    frames = traceback.extract_tb(error.__traceback__)
    own = [f.lineno for f in frames if source is not None and f.filename == str(source.path)]
    return own[-1] if own else None
