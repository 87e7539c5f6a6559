"""The gradient of the other mode: training where the forward evaluates, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.check.diagnosis.case import Point, passes
from chainrule.check.diagnosis.guess import Guess


def find_other_mode(point: Point) -> Iterator[Guess]:
    """Guess that backward differentiates what forward computes in the other mode."""
    if point.problem.twin is None:
        return
    words, _ = point.problem.twin
    guess = Guess(
        "mode",
        f"d{point.name} is the gradient of what forward computes {words}.",
        "Let backward see in which mode its forward ran, and differentiate what that one computes.",
        _is_of_twin,
    )
    if passes(guess.holds, point):
        yield guess


def _is_of_twin(point: Point) -> bool:
    assert point.problem.twin is not None
    _, forward = point.problem.twin
    other = Point(replace(point.problem, forward=forward, twin=None, expected={}), point.seed, point.way)
    return point.agrees(other.slopes)
