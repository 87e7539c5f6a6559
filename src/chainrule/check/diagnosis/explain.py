"""Why a gradient is wrong, as its row says it; entry by entry, with few samples where there are many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.diagnosis.search import Finder, diagnose
from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays, Problem
from chainrule.check.model.target import Setting, Target, generator
from chainrule.check.model.verdict import RIGHT, WRONG, Row
from chainrule.check.trial.inputs import accepts
from chainrule.check.trial.judgement import Point, evaluate_at, judge, rounding
from chainrule.check.trial.larger import list_remade
from chainrule.check.trial.settings.trying import list_settings

MOST_ENTRIES = 5000  # that are differenced one by one
MANY_ENTRIES = 1000  # above these a few samples are tried first
FEW_SAMPLES = 6
AXES = ("axis", "dim")
TOO_LARGE = f"What is wrong in it was not looked for, in more than {MOST_ENTRIES:,} entries: give smaller inputs."


def explain(point: Point, row: Row, before: list[Finder] | None = None) -> Row:
    """Return the row of a wrong gradient with what is wrong in it, entry by entry.

    `before` collects the finders that explained the rows of one point.
    """
    if row.kind != WRONG or row.name not in point.found:
        return row
    point = _leave_others(point, row.name)
    if _entries(point) > MANY_ENTRIES:
        point = shrink(point, row.name)
    if _entries(point) > MOST_ENTRIES:
        return replace(row, explanation=Explanation("place", "", TOO_LARGE))
    problem = state_problem(point, row)
    explanation = call_theirs(lambda: diagnose(problem, before))
    if explanation is None or isinstance(explanation, Failure):
        same = problem.found[row.name].shape == problem.expected[row.name].shape
        return replace(row, explanation=Explanation("place", _locate(problem), "")) if same else row
    said = f"d{row.name} is wrong" if explanation.sentence.startswith(row.sentence) else row.sentence
    source = problem.source
    expression = source.line(explanation.line) if source and explanation.line else ""
    return replace(row, sentence=said, explanation=replace(explanation, expression=expression))


def _leave_others(point: Point, name: str) -> Point:
    """Return the point of the operation alone that an input belongs to, of those that a target joins."""
    target = point.truth.target.extras.alone(name)
    if target is None:
        return point
    inputs = {n: point.truth.inputs[n] for n in target.required}
    own = evaluate_at(target, inputs, target.required, point.words, generator(0))
    return point if isinstance(own, str) or judge(own, name, generator(0)).kind != WRONG else own


def _entries(point: Point) -> int:
    return sum(point.truth.inputs[name].size for name in point.truth.names)


def shrink(point: Point, name: str) -> Point:
    """Return the point with a few samples only, where that is accepted and as wrong: entries are differenced singly."""
    truth, first = point.truth, next(iter(point.truth.inputs.values()))
    samples = len(first) if np.ndim(first) else 0
    if samples <= FEW_SAMPLES:
        return point
    few = {n: a[:FEW_SAMPLES] if np.shape(a)[:1] == (samples,) else a for n, a in truth.inputs.items()}
    if not accepts(truth.target, few):
        return point
    smaller = evaluate_at(truth.target, few, truth.names, point.words, generator(0))
    if isinstance(smaller, str) or judge(smaller, name, generator(0)).kind != WRONG:
        return point
    return smaller


def state_problem(point: Point, row: Row) -> Problem:
    """Return the problem of a wrong gradient, with the true ones entry by entry."""
    truth = point.truth
    expected = {name: _find_true(point, row, name) for name in point.found if name in truth.names}
    return Problem(
        name=row.name,
        forward=truth.target.forward,
        inputs=truth.inputs,
        dY=truth.dY,
        found=point.found,
        expected=expected,
        tolerance=max(row.tolerance or 0.0, rounding(point, row.name)),
        backward=lambda dY, **inputs: truth.target.gradients(dY, inputs),
        source=truth.target.source,
        other_mode=truth.target.other_mode,
        numbers=truth.target.numbers,
        cotangents=truth.target.cotangents,
        list_others=lambda: _list_other_settings(point, row),
        list_sizes=lambda: _list_other_sizes(point, row),
        is_part=truth.target.extras.is_part or _has_more_outputs(point),
        shared=point.shared,
    )


def _find_true(point: Point, row: Row, name: str) -> Array:
    """Return the true gradient entry by entry, which the person's own is where it is right along random directions."""
    found = point.found[name]
    is_right = name != row.name and found.shape == np.shape(point.truth.inputs[name])
    if is_right and judge(point, name, generator(0)).kind == RIGHT:
        return found.astype(float)
    return point.truth.gradient(name)[0]


def _has_more_outputs(point: Point) -> bool:
    """Tell whether the backward has other outputs, each of which is compared by itself."""
    variants = call_theirs(lambda: list(point.truth.target.extras.variants(point.truth.inputs)))
    if isinstance(variants, Failure):
        return False
    return any(not isinstance(each, str) and each[0].startswith("from output") for each in variants)


def _list_other_sizes(point: Point, row: Row) -> Iterator[tuple[Problem, Arrays]]:
    """Yield the problem of objects made in other sizes, with inputs for them."""
    for target, inputs in list_remade(point.truth.target, point.truth.inputs):
        yield _state_other(target, inputs, point, row), inputs


def _list_other_settings(point: Point, row: Row) -> Iterator[Problem]:
    """Yield the problem with each number among its settings changed."""
    target, inputs = point.truth.target, point.truth.inputs
    for setting in list_settings(target, inputs):
        if isinstance(setting.own, int | float) and not isinstance(setting.own, bool) and _are_alike(setting, inputs):
            other = _state_other(setting.target, setting.inputs, point, row)
            yield replace(other, is_of_axis=setting.name in AXES)


def _are_alike(setting: Setting, inputs: Arrays) -> bool:
    """Tell whether the arrays of a setting have the shapes of others."""
    return all(np.shape(setting.inputs[name]) == np.shape(value) for name, value in inputs.items())


def _state_other(target: Target, inputs: Arrays, point: Point, row: Row) -> Problem:
    """Return the problem of another target at its inputs, with nothing found or expected."""
    other = target.with_fixed_seed()  # a mask must be the same in forward and backward
    return Problem(
        name=row.name,
        forward=other.forward,
        inputs=inputs,
        dY=point.truth.dY,
        found={},
        expected={},
        tolerance=max(row.tolerance or 0.0, rounding(point, row.name)),
        backward=lambda dY, **given: other.gradients(dY, given),
        source=target.source,
        numbers=other.numbers,
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
