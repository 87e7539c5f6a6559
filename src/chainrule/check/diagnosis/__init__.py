"""Why a gradient is wrong: the smallest explanation that reproduces a person's numbers.

Families of explanations are asked in turn, from the shortest. Each yields what reproduces the numbers at the point that
was given; the first that also does so at further random points is said.

tape, recorded, recorded_torch   the operations of a forward, recorded and run again
changes                          what can be done to an operation's derivative
point, guess, known              a point, an explanation to be tested, the arrays that may stand in it
factor, arrangement, substitution, calls, mode, frozen, overwritten, diagonal, product,
operation, other_forward, inner_factor, place   the families
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from chainrule.check.diagnosis.case import Point
from chainrule.check.diagnosis.families.arrangement import find_arrangement, find_missing_sum
from chainrule.check.diagnosis.families.calls import find_accumulated, find_stale
from chainrule.check.diagnosis.families.diagonal import find_diagonal, find_matrix_product
from chainrule.check.diagnosis.families.factor import find_factor
from chainrule.check.diagnosis.families.frozen import (
    find_frozen,
    find_scaled_frozen,
    find_term,
    find_term_factor,
    find_terms,
)
from chainrule.check.diagnosis.families.inner_factor import find_inner_factor, find_operand
from chainrule.check.diagnosis.families.mode import find_other_mode
from chainrule.check.diagnosis.families.operation import find_operation
from chainrule.check.diagnosis.families.other_forward import find_other_forward
from chainrule.check.diagnosis.families.overwritten import find_overwritten
from chainrule.check.diagnosis.families.place import describe_place, find_branch, wrong_entries
from chainrule.check.diagnosis.families.product import find_array_factor, find_product
from chainrule.check.diagnosis.families.substitution import find_cotangent, find_replaced, find_swapped
from chainrule.check.diagnosis.guess import Guess
from chainrule.check.model.explanation import KINDS, Explanation
from chainrule.check.model.problem import Problem

__all__ = ["KINDS", "Explanation", "diagnose"]

FAMILIES: tuple[Callable[[Point], Iterator[Guess]], ...] = (
    find_factor,
    find_swapped,
    find_missing_sum,
    find_arrangement,
    find_cotangent,
    find_other_mode,
    find_accumulated,
    find_frozen,
    find_diagonal,
    find_matrix_product,
    find_array_factor,
    find_term,
    find_overwritten,
    find_replaced,
    find_product,
    find_operation,
    find_other_forward,
    find_operand,
    find_inner_factor,
    find_scaled_frozen,
    find_terms,
    find_term_factor,
    find_branch,
    find_stale,
)
FURTHER_POINTS = 2


def diagnose(problem: Problem) -> Explanation | None:
    """Return the smallest explanation of a wrong gradient, else where it is wrong; None when it is right.

    Takes a Problem: forward, inputs, cotangent, the person's gradients and the true ones. An explanation is said when
    it reproduces the person's gradient to rounding, here and (where the backward can be run again) at further points.
    """
    point = Point(problem, seed=0)
    if point.found.shape == point.X.shape and np.all(np.isfinite(point.found)) and not wrong_entries(point).any():
        return None
    if not np.all(np.isfinite(point.found)):
        return describe_place(point)
    further = list(_further_points(point))
    with np.errstate(all="ignore"):
        for family in FAMILIES:
            for guess in family(point):
                if guess.is_confirmed([point, *further]):
                    return replace(guess.explanation, points=1 + len(further))
    return describe_place(point)


def _further_points(point: Point) -> Iterator[Point]:
    """Yield random points of the same shapes at which the person's backward can be run."""
    if point.problem.backward is None:
        return
    for seed in range(1, FURTHER_POINTS + 1):
        try:
            yield point.elsewhere(seed)
        except Exception:
            return
