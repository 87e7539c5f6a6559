"""From where on a gradient is wrong that is right at few samples, small sizes or small values."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Arrays, SourceFile
from chainrule.check.model.target import Target, generator
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.trial.inputs import output_at
from chainrule.check.trial.judgement import Point, judge, leave_kinks, rounding, run_backward
from chainrule.check.trial.true_gradients import Slope, Truth

REPAIR = "Look for what bounds it: a number in place of a size, a slice, a condition, a clip."
EARLIER = Explanation(
    "stale",
    "It is the gradient at the inputs of an earlier call: what backward keeps is not written anew.",
    "Keep what backward needs at every call of forward, and use it.",
)
STEPS = 256  # in which values grow


def find_limit(row: Row, target: Target, is_wrong: Callable[[int], bool], most: int, base: int, words: str) -> Row:
    """Return the row of a gradient that is wrong with `most` more of something, and right with none more.

    `base` is how many there are to begin with, and `words` say of what.
    """
    first = base + _bisect(is_wrong, most)
    said = Explanation(
        "limit", f"It is right where {words} is {first - 1} or less, and wrong where it is {first} or more.", REPAIR
    )
    return replace(row, explanation=_add_line(said, target.source, first - 1, first))


def explain_limit(row: Row, point: Point, inputs: Arrays) -> Row:
    """Return the row of a gradient that is right at these inputs, and wrong at a point with more rows, or far out."""
    truth, target = point.truth, point.truth.target
    grown = {n: a for n, a in truth.inputs.items() if np.shape(a) != np.shape(inputs[n])}
    first = next(iter(grown), next((n for n, a in inputs.items() if isinstance(a, np.ndarray)), ""))
    X, base = truth.inputs[first], inputs[first]
    if grown and X.ndim == base.ndim:
        axis = next(k for k in range(X.ndim) if X.shape[k] != base.shape[k])
        words = f"the size of axis {axis} of {first}" if axis else f"the number of rows of {first}"

        def cut(more: int) -> Arrays:
            count = base.shape[axis] + more
            own = {n: _find_grown(a, inputs[n]) for n, a in grown.items()}
            return {n: a.take(range(count), own[n]) for n, a in grown.items()}

        def is_wrong(more: int) -> bool:
            return _is_wrong_at(target, {**truth.inputs, **cut(more)}, row.name)

        return find_limit(row, target, is_wrong, X.shape[axis] - base.shape[axis], base.shape[axis], words)
    largest = float(np.max(np.abs(X), initial=0))
    if grown or largest <= 2 * float(np.max(np.abs(base), initial=0)):
        return row

    def is_wrong_within(step: int) -> bool:
        return _is_wrong_at(target, {**truth.inputs, first: X * (step / STEPS)}, row.name)

    if is_wrong_within(STEPS // 16):
        return row
    value = largest * _bisect(is_wrong_within, STEPS) / STEPS
    said = Explanation(
        "limit", f"It is right as long as no entry of {first} is farther from 0 than about {value:.2g}.", REPAIR
    )
    return replace(row, explanation=_add_line(said, target.source, value * (1 - 2 / STEPS), value))


def explain_earlier(row: Row, point: Point, inputs: Arrays) -> Row:
    """Return the row of a gradient that is that of the inputs at which it was right, or of one of them."""
    found, now = point.found[row.name], point.truth.inputs
    kept = {n: a for n, a in inputs.items() if isinstance(a, np.ndarray) and np.shape(now[n]) == a.shape}
    direction = generator(17).normal(size=found.shape)
    promised, size = float(np.sum(found * direction)), float(np.linalg.norm(found * direction))
    for earlier in (kept, *({name: array} for name, array in kept.items())):
        slope = call_theirs(partial(_slope_at, point.truth, earlier, row.name, direction))
        if isinstance(slope, Failure) or size == 0:
            continue
        if abs(promised - slope.value) <= 100 * rounding(point, row.name) * size + SAFETY * slope.error:
            return replace(row, explanation=EARLIER)
    return row


def _slope_at(truth: Truth, inputs: Arrays, name: str, direction: np.ndarray) -> Slope:
    """Return the slope at other inputs, of which some are given."""
    return Truth(truth.target, {**truth.inputs, **inputs}, truth.dY, truth.names).slope(name, direction)


def _find_grown(array: np.ndarray, base: object) -> int:
    """Return the axis along which an array is longer than it was."""
    pairs = zip(array.shape, np.shape(base), strict=False)  # type: ignore[call-overload]
    return next((axis for axis, (more, few) in enumerate(pairs) if more != few), 0)


def _bisect(is_wrong: Callable[[int], bool], high: int) -> int:
    """Return the first number from which on it is wrong; it is right at 0."""
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_wrong(middle) else (middle, high)
    return high


def _is_wrong_at(target: Target, inputs: Arrays, name: str) -> bool:
    Y = output_at(target, inputs)
    if Y is None:
        return False
    truth, _ = leave_kinks(Truth(target, inputs, target.draw_cotangent(Y, generator(15)), [name], Y), 0)
    point = run_backward(truth, "") if truth else ""
    return not isinstance(point, str) and judge(point, name, generator(16)).kind == WRONG


def _add_line(said: Explanation, source: SourceFile | None, low: float, high: float) -> Explanation:
    """Return an explanation with the one line of a file in which a number between these stands, if it is one alone."""
    tree = call_theirs(lambda: ast.parse(source.text)) if source else None
    if source is None or tree is None or isinstance(tree, Failure):
        return said
    numbers = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) in (int, float))
    lines = {node.lineno for node in numbers if low <= node.value <= high}  # type: ignore[operator]
    if len(lines) != 1:
        return said
    line = lines.pop()
    return replace(said, line=line, expression=source.line(line))
