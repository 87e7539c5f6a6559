"""One point of a check: the truth there, what the person's backward returned, and the judgement on each gradient."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target
from chainrule.check.model.tolerance import SAFETY, UNDECIDED, expected_rounding, noise_floor
from chainrule.check.model.verdict import BELOW_NOISE, KINK, RIGHT, WRONG, Row
from chainrule.check.trial.coverage import watching
from chainrule.check.trial.differences import Slope
from chainrule.check.trial.inputs import nudge, output_at
from chainrule.check.trial.true_gradients import SINGLE_EPS, Truth

MOST_UNSURE = 1e6  # times the rounding of a gradient of ordinary size: beyond that, it may hide one
NUDGES = 3
DIRECTIONS = 3  # at most: by chance a slope may be small beside its parts
ROUGH = "the forward has kinks or jumps here and all around, so it has no gradient to compare with; give other inputs"
MOVED = "the forward has a kink or a tie at these inputs, so they were moved off it a little"
SMALL_SHARE = 0.01  # of a gradient's size: how likely an error of this size is to pass is told


@dataclass(frozen=True)
class Point:
    """One point of a check: where it is in words, the truth there, and what the person's backward returned.

    `shared` is what the explanations of its gradients have in common.
    """

    words: str
    truth: Truth
    found: Arrays
    shared: dict[str, Any] = field(default_factory=dict)


def evaluate_at(
    target: Target, inputs: Arrays, names: Sequence[str], words: str, rng: np.random.Generator
) -> Point | str:
    """Return the point with truth and gradients there, or the sentence that the person's backward deserves."""
    Y = target.run(inputs)
    return run_backward(Truth(target, inputs, target.draw_cotangent(Y, rng), names, Y), words)


def run_backward(truth: Truth, words: str) -> Point | str:
    """Return the point at which the truth is known with the person's gradients, or why there are none."""
    with watching():
        found = call_theirs(lambda: truth.target.gradients(truth.dY, truth.inputs))
    if isinstance(found, Failure):
        return f"backward fails {words}, where forward works: {found.describe(truth.target.source)}"
    return Point(words, truth, found)


def leave_kinks(truth: Truth, seed: int) -> tuple[Truth | None, str]:
    """Return the truth where the forward is smooth, here if it is, and a note where it is not."""
    start, names = truth.inputs, truth.names
    for attempt in range(NUDGES):
        if not truth.has_kink():
            return truth, MOVED if attempt else ""
        at = nudge(start, names, seed + attempt)
        Y = output_at(truth.target, at)
        if Y is None:
            break
        truth = Truth(truth.target, at, truth.dY, names, Y, usual=truth.usual, seed=truth.seed)
    return None, ROUGH


def judge_all(point: Point, names: Sequence[str], rng: np.random.Generator, says_why: bool = True) -> list[Row]:
    """Compare all gradients: along random directions of all inputs at once, and where that leaves a doubt, one by one.

    Once the whole disagreement is laid to each gradient in turn and each is right even so, all are. Without `says_why`
    it is not looked for what tells a forward that moves in steps from a gradient that is wrong.
    """
    return _judge_at_once(point, names) or [judge(point, name, rng, says_why) for name in names]


def _judge_at_once(point: Point, names: Sequence[str]) -> list[Row]:
    """Return the rows of gradients that are all right; [] where one may not be."""
    truth, found = point.truth, point.found
    if set(names) != set(truth.names) or any(_judge_form(point, name) for name in names):
        return []
    slope = truth.slope_of_all()
    if slope is None:
        return []
    promised = {name: float(np.sum(found[name] * truth.moves[name])) for name in names}
    disagreement = slope - sum(promised.values())
    rows = list[Row]()
    for name in names:
        rows.append(_compare(point, name, truth.moves[name], Slope(promised[name] + disagreement, 0.0), False))
        if rows[-1].kind != RIGHT:
            return []
    return rows


def judge(point: Point, name: str, rng: np.random.Generator, says_why: bool = True) -> Row:
    """Compare one gradient along a random direction; along others where noise is all that can be seen along one."""
    if point.words and name not in point.found:  # what no step was taken along, or None was returned for, is 0 there
        point = replace(point, found={**point.found, name: np.zeros(np.shape(point.truth.inputs[name]))})
    row = _judge_form(point, name)
    if row is not None and (row_beside := _judge_beside_ones(point, name, rng)):
        return row_beside
    for _ in range(DIRECTIONS):
        if row is not None and row.kind != BELOW_NOISE:
            break
        direction = rng.normal(size=point.found[name].shape)  # a wrong gradient agrees along it with probability 0
        row = _compare(point, name, direction, point.truth.slope(name, direction), says_why)
    assert row is not None
    return row


def _judge_beside_ones(point: Point, name: str, rng: np.random.Generator) -> Row | None:
    """Return the row of right numbers whose shape has an axis of size 1 more or less in front: (1,N) beside (N)."""
    X, found = point.truth.inputs[name], point.found.get(name)
    if found is None or found.shape == X.shape or _without_ones(found.shape) != _without_ones(X.shape):
        return None
    row = judge(replace(point, found={**point.found, name: found.reshape(X.shape)}), name, rng)
    told = f"{row.sentence}, in shape {found.shape} beside {X.shape} of {name}"
    return replace(row, sentence=told) if row.kind == RIGHT else None


def _without_ones(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape without the axes of size 1 that stand in front, which broadcasting puts there by itself."""
    return tuple(itertools.dropwhile(lambda size: size == 1, shape))


def _judge_form(point: Point, name: str) -> Row | None:
    """Return the row of what cannot be compared: no gradient, one of another shape, one that is no number."""
    X, where = point.truth.inputs[name], f" {point.words}" if point.words else ""
    found = point.found.get(name)
    if found is None:
        return Row(name, WRONG, f"backward returns no gradient of {name}{where}")
    if found.shape != X.shape:
        return Row(name, WRONG, f"d{name} has shape {found.shape}, but {name} has shape {X.shape}{where}")
    if found.dtype.kind not in "fiu" or not np.isfinite(found).all():
        return Row(name, WRONG, f"d{name} is not finite{where}")
    return None


def _compare(point: Point, name: str, direction: Array, slope: Slope, says_why: bool) -> Row:
    """Return the row of a gradient along a direction, in which the true slope is known."""
    found, where = point.found[name], f" {point.words}" if point.words else ""
    floor = _floor(point, name) * float(np.linalg.norm(direction))
    scale = max(float(np.linalg.norm(found * direction)), abs(slope.value), floor) or 1.0
    error = abs(float(np.sum(found * direction)) - slope.value) / scale
    allowed = rounding(point, name) + (floor + SAFETY * slope.error) / scale
    how = f"by {point.truth.method(name)}"
    doubt = doubt_at(allowed * scale, found)
    if error > allowed and says_why and point.truth.has_steps(name):
        return Row(name, KINK, _describe_steps(point, name))
    if error > allowed:
        return Row(name, WRONG, f"d{name} is wrong{where}", error, allowed)
    if not np.any(found) or (point.truth.eps < SINGLE_EPS and _is_nought(found * direction, slope, floor)):
        return Row(name, RIGHT, f"d{name} is 0 but for rounding, as it must be, {how}", 0.0, allowed)
    if allowed > UNDECIDED:
        noise = f"the noise of the forward's own rounding is {allowed:.0%} of it, {how}"
        said = f"d{name} can be neither confirmed nor refuted: {noise}; try inputs nearer to 1, or float64"
        return Row(name, BELOW_NOISE, said, error, allowed, doubt)
    sentence = f"d{name} is right to {error:.0e} ({allowed:.0e} is rounding), {how}"
    return Row(name, RIGHT, sentence, error, allowed, doubt)


def _is_nought(parts: Array, slope: Slope, floor: float) -> bool:
    """Tell whether a gradient is 0 but for rounding, and the differences say so as well as they can."""
    small = max(float(np.linalg.norm(parts)), abs(slope.value) - SAFETY * slope.error) <= floor
    return small and SAFETY * slope.error <= MOST_UNSURE * floor


def _describe_steps(point: Point, name: str) -> str:
    what = "dY itself" if np.array_equal(point.found[name], point.truth.dY) else "not 0"
    return (
        f"Y moves in steps when {name} moves, so that its true gradient is 0 wherever there is one, but d{name} is "
        f"{what}: of such a straight-through estimator no check can say that it is right"
    )


def doubt_at(allowed: float, found: Array) -> float:
    """Return how likely a gradient that is off by SMALL_SHARE of its size is to pass.

    Along a normal direction its error is normal with deviation SMALL_SHARE ‖dX‖; P(|e| < a) < 2a / (σ √(2π)).
    """
    deviation = SMALL_SHARE * float(np.linalg.norm(found))
    return min(1.0, 2 * allowed / (deviation * math.sqrt(2 * math.pi))) if deviation else 1.0


def rounding(point: Point, name: str) -> float:
    """Return the relative error that rounding alone may leave in a gradient."""
    found = point.found[name]
    eps = float(np.finfo(found.dtype).eps) if found.dtype.kind == "f" else 0.0
    return expected_rounding(max(eps, point.truth.eps), max(found.size, point.truth.Y.size))


def _floor(point: Point, name: str) -> float:
    truth = point.truth
    here = noise_floor(truth.eps, truth.dY, truth.Y, truth.inputs[name])
    largest = float(np.max(np.abs(truth.inputs[name]), initial=0)) or 1.0
    return max(here, noise_floor(truth.eps, 1.0, truth.usual, largest))
