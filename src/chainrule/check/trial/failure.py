"""A backward that raises: where, and what it computes where all sizes are equal, so that wrong shapes fit."""

from __future__ import annotations

import re
import traceback

import numpy as np

from chainrule.check.model.problem import Arrays, SourceFile
from chainrule.check.model.target import Target
from chainrule.check.trial.inputs import accepts
from chainrule.errors import UserError

MATMUL = re.compile(r"matmul: .*core dimension.*\(size (\d+) is different from (\d+)\)", re.DOTALL)


class ForbiddenError(PermissionError):
    """A person's file did what a check does not allow."""


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


def equalize(target: Target, inputs: Arrays) -> Arrays | None:
    """Return the inputs cut to one size along every axis, None where they have it or the forward refuses them."""
    arrays = {name: array for name, array in inputs.items() if isinstance(array, np.ndarray) and array.ndim}
    sizes = {size for array in arrays.values() for size in array.shape if size > 1}
    if len(sizes) < 2:
        return None
    cut = {name: array[tuple(slice(min(sizes)) for _ in array.shape)] for name, array in arrays.items()}
    return {**inputs, **cut} if accepts(target, {**inputs, **cut}) else None


def _find_line(error: BaseException, source: SourceFile | None) -> int | None:
    frames = traceback.extract_tb(error.__traceback__)
    own = [f.lineno for f in frames if source is not None and f.filename == str(source.path)]
    return own[-1] if own else None
