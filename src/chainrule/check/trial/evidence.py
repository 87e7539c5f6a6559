"""What speaks for a way of calling a person's code, before anything in it is judged.

A way of calling explains the code where backward runs and returns each gradient in the shape of its input; numbers that
are right on top of that settle it. Where a way does not explain it, the way may be at fault, and not the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, ForbiddenError, call_theirs
from chainrule.check.model.names import WEIGHTS
from chainrule.check.model.problem import Array
from chainrule.check.model.target import Target, generator
from chainrule.check.model.verdict import RIGHT
from chainrule.check.trial.inputs import output_at
from chainrule.check.trial.judgement import Point, judge_all
from chainrule.check.trial.true_gradients import Truth

WEIGHED, COMPARED = 2, 3  # streams of their own


@dataclass(frozen=True)
class Evidence:
    """Whether backward ran, and whether it returned what it should in shape; numbers are compared once asked for.

    `point` holds the gradients whose shapes are right, of `count` in all. `is_unsummed` tells that a shape is wrong in
    the way of one who forgets to sum over samples, and `is_turned` that one has its axes in another order.
    """

    runs: bool = False
    has_form: bool = False
    point: Point | None = None
    count: int = 0
    is_unsummed: bool = False
    is_turned: bool = False

    @cached_property
    def right(self) -> frozenset[str]:
        """The gradients whose numbers are right."""
        if self.point is None:
            return frozenset()
        point, rng = self.point, generator(0, COMPARED)
        rows = call_theirs(lambda: judge_all(point, point.truth.names, rng, says_why=False))
        return frozenset() if isinstance(rows, Failure) else frozenset(row.name for row in rows if row.kind == RIGHT)

    @cached_property
    def fits(self) -> bool:
        """Whether shapes are right, and what is 0 rightly so."""
        noughts = [name for name in self.point.truth.names if not np.any(self.point.found[name])] if self.point else []
        return self.has_form and (not noughts or self.right.issuperset(noughts))

    @property
    def explains_rows(self) -> bool:
        """Whether shapes are right, or nothing but a transposed gradient is wrong: rows of one entry would hide it."""
        return self.has_form or (self.is_turned and len(self.right) == self.count - 1 > 0)

    @property
    def settles(self) -> bool:
        """Whether nothing is left to explain."""
        return self.has_form and len(self.right) == self.count

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """What one way of calling is preferred to another for."""
        return self.fits, self.runs, len(self.right)


def weigh(target: Target, inputs: Mapping[str, Any]) -> Evidence:
    """Return what speaks for calling a target with these inputs: one forward and backward, and the truth beside it."""
    target = target.with_fixed_seed()
    at = {n: a.astype(np.float64) if getattr(a, "dtype", None) == np.float32 else a for n, a in inputs.items()}
    Y = output_at(target, at)
    if Y is None:
        return Evidence()
    dY = target.draw_cotangent(Y, generator(0, WEIGHED))
    found = call_theirs(lambda: target.gradients(dY, at))
    if isinstance(found, Failure):
        return Evidence(has_form=isinstance(found.error, ForbiddenError))  # which another way would do too
    names = [name for name in at if name in found and isinstance(at[name], np.ndarray)]
    wrong = {name: found[name] for name in names if found[name].shape != at[name].shape}
    has_grown = Y.ndim > max((np.ndim(a) for a in at.values()), default=0)  # inputs that were not meant for one another
    has_weights = any(name.lower() in WEIGHTS for name in at)  # without them, b is no bias, but a second input
    first = next((name for name, a in at.items() if isinstance(a, np.ndarray)), "")  # x, which nothing spreads
    named = {n: gradient for n, gradient in wrong.items() if n != first and (len(n) > 1 or has_weights)}
    is_unsummed = not has_grown and any(_sums_to(gradient, at[name]) for name, gradient in named.items())
    is_turned = any(sorted(gradient.shape) == sorted(at[name].shape) for name, gradient in wrong.items())
    has_form = bool(names) and not wrong and all(name in found for name in target.required)
    point = Point("", Truth(target, at, dY, [name for name in names if name not in wrong], Y), found)
    return Evidence(True, has_form, point, len(names), is_unsummed, is_turned)


def _sums_to(gradient: Array, X: Array) -> bool:
    """Tell whether a gradient has entries for samples over which it should have been summed."""
    try:
        return np.broadcast_shapes(gradient.shape, X.shape) == gradient.shape
    except ValueError:
        return False
