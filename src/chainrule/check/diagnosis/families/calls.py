"""Gradients that depend on the calls before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chainrule.check.diagnosis.case import Point, passes
from chainrule.check.diagnosis.guess import Guess


def find_accumulated(point: Point) -> Iterator[Guess]:
    """Guess that the gradient is added to that of the call before."""
    guess = Guess(
        "accumulated",
        f"d{point.name} grows with every call: it is added to the gradient of the call before.",
        f"Assign d{point.name} (=) where it is added (+=), or set it to 0 before.",
        _grows,
    )
    if passes(guess.holds, point):
        yield guess


def find_stale(point: Point) -> Iterator[Guess]:
    """Guess that the gradient is taken at the arrays of an earlier call, or at none."""
    repair = "Keep what backward needs at every call of forward, and use it."
    earlier = f"d{point.name} is the gradient at the inputs of the call before: the cache is not written anew."
    ignored = f"d{point.name} stays the same when the inputs change: a cache of an earlier call is used, or none."
    for guess in (
        Guess("stale", earlier, repair, _is_of_earlier_call),
        Guess("stale", ignored, repair, _ignores_inputs),
    ):
        if passes(guess.holds, point):
            yield guess


def _grows(point: Point) -> bool:
    once, twice = (_call(point) for _ in range(2))
    moved = replace(point.problem, found={**point.problem.found, point.name: twice - once})
    return (
        once.shape == point.X.shape
        and bool(np.any(point.expected))
        and Point(moved, point.seed, point.way).equals(point.expected)
    )


def _is_of_earlier_call(point: Point) -> bool:
    """Whether the backward, run at another point, gives there the gradient of a point before."""
    other = point.elsewhere(point.seed + 50)
    for name, earlier in point.problem.inputs.items():
        mixed = other.slopes_with({}, **{name: earlier})
        if other.agrees(mixed):
            return True
    return other.agrees(other.slopes_with({}, **point.problem.inputs))


def _ignores_inputs(point: Point) -> bool:
    """Whether the gradient stays as it is when the inputs change, though the true one moves."""
    other = point.elsewhere(point.seed + 50)
    moved = Point(replace(other.problem, dY=point.problem.dY, expected={}), point.seed, point.way)
    stays = np.array_equal(_call(point), _call(moved)) and bool(np.any(point.found))
    return stays and not np.allclose(point.slopes, moved.slopes, rtol=1e-6)


def _call(point: Point) -> np.ndarray:
    assert point.problem.backward is not None
    inputs = {name: np.array(array) for name, array in point.problem.inputs.items()}
    return np.array(point.problem.backward(np.array(point.problem.dY), **inputs)[point.name], dtype=float)
