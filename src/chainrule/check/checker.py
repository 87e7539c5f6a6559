"""Checks every gradient of a target at several points: along random directions first, then entry by entry."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.check.diagnosis import diagnose
from chainrule.check.points import accepts, list_points, nudge
from chainrule.check.problem import Array, Arrays, Problem
from chainrule.check.target import Target, generator
from chainrule.check.tolerance import SAFETY, UNDECIDED, expected_rounding, noise_floor
from chainrule.check.traps import find_traps
from chainrule.check.truth import SINGLE_EPS, Truth
from chainrule.check.verdict import BELOW_NOISE, KINDS, KINK, NOT_REPEATABLE, RIGHT, WRONG, Row, Verdict
from chainrule.errors import UserError

PATIENCE = 4.0  # seconds after which no further point is begun
MOST_ENTRIES = 5000  # that are differenced one by one
MANY_ENTRIES = 1000  # above these a few samples are tried first
FEW_SAMPLES = 6
NUDGES = 3


@dataclass(frozen=True)
class Point:
    """One point of a check: where it is in words, the truth there, and what the person's backward returned."""

    words: str
    truth: Truth
    found: Arrays


def check_target(target: Target, inputs: Arrays, seed: int = 0) -> Verdict:
    """Return the verdict on a target at these inputs and at points made from them.

    Raises UserError where the forward does not run at the inputs, or is not finite there.
    """
    inputs = {name: _as_double(value) for name, value in inputs.items()}
    rng = generator(seed)
    Y = _first_output(target, inputs)
    if not _is_repeatable(target, inputs, Y):
        target = target.held()
        if not _is_repeatable(target, inputs, target.run(inputs)):
            sentence = "the forward returns something else each time, so it has no gradient to compare with"
            return Verdict(target.name, (Row("Y", NOT_REPEATABLE, sentence),))
    dY = np.ones(Y.shape) if target.loss else rng.normal(size=Y.shape)
    try:
        found = target.gradients(dY, inputs)
    except Exception as error:  # whatever a person's code raises
        return Verdict(target.name, (Row("dY", WRONG, f"backward fails: {type(error).__name__}: {error}"),))
    missing = [Row(n, WRONG, f"backward returns no gradient of {n}") for n in target.required if n not in found]
    if unknown := [name for name in found if name not in inputs]:
        raise UserError(f"{target.name}: backward returns a gradient of {unknown[0]}, which is no input of the forward")
    names = [name for name in inputs if name in found]
    inputs |= {name: np.asarray(inputs[name], np.float64) for name in names}
    rows, kinks = _check_points(target, inputs, names, seed)
    notes = (*kinks, *find_traps(target, inputs, dY), *_unchecked(target, inputs, names))
    return Verdict(target.name, (*missing, *rows), notes)


def _check_points(target: Target, inputs: Arrays, names: Sequence[str], seed: int) -> tuple[list[Row], list[str]]:
    rng, start = generator(seed), time.perf_counter()
    rows: dict[str, Row] = {}
    notes: list[str] = []
    count = 0
    for words, at in list_points(target, inputs, names, seed):
        count += 1
        smooth, note = _leave_kinks(target, at, names, seed)
        if smooth is None:
            return [Row(name, KINK, note) for name in names], []
        notes += [note] if note and not words else []
        point = _visit(target, smooth, names, words, rng)
        if isinstance(point, str):
            return [Row(name, WRONG, point) for name in names], notes
        for name in names:
            row = _judge(point, name, rng)
            rows[name] = max(rows.get(name, row), row, key=lambda r: (KINDS.index(r.kind), r.error or 0.0))
        if any(row.kind == WRONG for row in rows.values()):
            return [_explain(point, rows[name]) for name in names], notes
        if time.perf_counter() - start > PATIENCE:
            break
    points = f", at {count} points" if count > 1 else ""
    return [replace(row, sentence=row.sentence + points) for row in rows.values()], notes


def _visit(target: Target, inputs: Arrays, names: Sequence[str], words: str, rng: np.random.Generator) -> Point | str:
    """Return the point with truth and gradients there, or the sentence that the person's backward deserves."""
    Y = target.run(inputs)
    dY = np.ones(Y.shape) if target.loss else rng.normal(size=Y.shape)
    try:
        found = target.gradients(dY, inputs)
    except Exception as error:  # whatever a person's code raises
        return f"backward fails {words}, where forward works: {type(error).__name__}: {error}"
    return Point(words, Truth(target, inputs, dY, names), found)


def _leave_kinks(target: Target, inputs: Arrays, names: Sequence[str], seed: int) -> tuple[Arrays | None, str]:
    """Return inputs at which the forward is smooth, the given ones if they will do, and a note where they will not."""
    at = inputs
    for attempt in range(NUDGES):
        if not _kinked(target, at, names, seed + attempt):
            note = "the forward has a kink or a tie at these inputs, so they were moved off it a little"
            return at, note if attempt else ""
        at = nudge(inputs, names, seed + attempt)
        if not accepts(target, at):
            break
    return None, "the forward has kinks or jumps here and all around, so it has no gradient to compare with"


def _kinked(target: Target, inputs: Arrays, names: Sequence[str], seed: int) -> bool:
    rng = generator(seed)
    Y = target.run(inputs)
    dY = np.ones(Y.shape) if target.loss else rng.normal(size=Y.shape)
    truth = Truth(target, inputs, dY, names)
    return truth.has_kink({name: rng.normal(size=inputs[name].shape) for name in names})


def _judge(point: Point, name: str, rng: np.random.Generator) -> Row:
    """Compare one gradient along random directions."""
    X, where = point.truth.inputs[name], f" {point.words}" if point.words else ""
    found = point.found.get(name)
    if found is None:
        return Row(name, WRONG, f"backward returns no gradient of {name}{where}")
    if found.shape != X.shape:
        return Row(name, WRONG, f"d{name} has shape {found.shape}, but {name} has shape {X.shape}{where}")
    if found.dtype.kind not in "fiu" or not np.isfinite(found).all():
        return Row(name, WRONG, f"d{name} is not finite{where}")
    direction = rng.normal(size=X.shape)  # a wrong gradient agrees along it with probability 0
    slope = point.truth.slope(name, direction)
    floor = _floor(point, name) * float(np.linalg.norm(direction))
    scale = max(float(np.linalg.norm(found * direction)), abs(slope.value), floor) or 1.0
    error = abs(float(np.sum(found * direction)) - slope.value) / scale
    allowed = _rounding(point, name) + (floor + SAFETY * slope.error) / scale
    how = f"by {point.truth.method(name)}"
    if error > allowed:
        return Row(name, WRONG, f"d{name} is wrong{where}", error, allowed)
    if not np.any(found) or (scale == floor and point.truth.eps < SINGLE_EPS):
        return Row(name, RIGHT, f"d{name} is 0 but for rounding, as it must be, {how}", 0.0, allowed)
    if allowed > UNDECIDED:
        return Row(name, BELOW_NOISE, f"d{name} cannot be told from noise of {allowed:.0%}, {how}", error, allowed)
    return Row(name, RIGHT, f"d{name} is right to {error:.0e} ({allowed:.0e} is rounding), {how}", error, allowed)


def _rounding(point: Point, name: str) -> float:
    found = point.found[name]
    eps = float(np.finfo(found.dtype).eps) if found.dtype.kind == "f" else 0.0
    return expected_rounding(max(eps, point.truth.eps), max(found.size, point.truth.Y.size))


def _floor(point: Point, name: str) -> float:
    return noise_floor(point.truth.eps, point.truth.dY, point.truth.Y, point.truth.inputs[name])


def _explain(point: Point, row: Row) -> Row:
    """Return the row of a wrong gradient with what is wrong in it, entry by entry."""
    if row.kind != WRONG or row.name not in point.found:
        return row
    if _entries(point) > MANY_ENTRIES:
        point = _shrink(point, row.name)
    if _entries(point) > MOST_ENTRIES:
        return row
    problem = _state_problem(point, row)
    try:
        explanation = diagnose(problem)
    except Exception:  # a person's code fails in any way it likes where the diagnosis runs it
        explanation = None
    if explanation is None:
        same = problem.found[row.name].shape == problem.expected[row.name].shape
        return replace(row, cause=_locate(problem)) if same else row
    said = f"d{row.name} is wrong" if explanation.sentence.startswith(row.sentence) else row.sentence
    return replace(
        row, sentence=said, cause=explanation.sentence, repair=explanation.repair, line=explanation.line,
        mistake=explanation.kind,
    )  # fmt: skip


def _entries(point: Point) -> int:
    return sum(point.truth.inputs[name].size for name in point.truth.names)


def _shrink(point: Point, name: str) -> Point:
    """Return the point with a few samples only, where that is accepted and as wrong: entries are differenced singly."""
    truth, first = point.truth, next(iter(point.truth.inputs.values()))
    samples = len(first) if np.ndim(first) else 0
    if samples <= FEW_SAMPLES:
        return point
    few = {n: a[:FEW_SAMPLES] if np.shape(a)[:1] == (samples,) else a for n, a in truth.inputs.items()}
    if not accepts(truth.target, few):
        return point
    smaller = _visit(truth.target, few, truth.names, point.words, generator(0))
    if isinstance(smaller, str) or _judge(smaller, name, generator(0)).kind != WRONG:
        return point
    return smaller


def _state_problem(point: Point, row: Row) -> Problem:
    truth = point.truth
    expected = {name: truth.gradient(name)[0] for name in point.found if name in truth.names}
    return Problem(
        name=row.name,
        forward=truth.target.forward,
        inputs=truth.inputs,
        dY=truth.dY,
        found=point.found,
        expected=expected,
        tolerance=max(row.tolerance or 0.0, _rounding(point, row.name)),
        backward=lambda dY, **inputs: truth.target.gradients(dY, inputs),
        source=truth.target.source,
    )


def _locate(problem: Problem) -> str:
    """Say how many entries are wrong, and show the worst."""
    found, expected = problem.found[problem.name], problem.expected[problem.name]
    scale = float(np.max(np.abs(expected), initial=0)) or 1.0
    off = np.abs(found - expected)
    wrong = int(np.sum(off > max(10 * problem.tolerance, 1e-9) * scale))
    worst: Any = np.unravel_index(int(np.argmax(off)), off.shape)
    entry = f"d{problem.name}{[int(i) for i in worst]}" if off.ndim else f"d{problem.name}"
    count = "all entries are" if wrong == off.size else f"{wrong} of {off.size} entries are"
    return f"{count} wrong; {entry} is {found[worst]:.6g}, but should be {expected[worst]:.6g}"


def _first_output(target: Target, inputs: Arrays) -> Array:
    try:
        Y = target.run(inputs)
    except UserError:
        raise
    except Exception as error:  # whatever a person's code raises
        raise UserError(f"{target.name}: forward fails: {type(error).__name__}: {error}") from error
    if Y.dtype.kind not in "fiu" or not np.isfinite(Y).all():
        raise UserError(f"{target.name}: forward returns what is no array of finite numbers; give it other inputs")
    return Y


def _is_repeatable(target: Target, inputs: Arrays, Y: Array) -> bool:
    return all(np.array_equal(target.run(inputs), Y) for _ in range(2))


def _as_double(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float64, order="K")
    return value


def _unchecked(target: Target, inputs: Arrays, names: Sequence[str]) -> list[str]:
    floats = [n for n, a in inputs.items() if isinstance(a, np.ndarray) and a.dtype.kind == "f"]
    left = [name for name in floats if name not in (*names, *target.required, *target.constants)]
    return [f"backward returns no gradient of {' or '.join(left)}, so none was checked"] if left else []
