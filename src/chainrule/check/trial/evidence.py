"""What speaks for a way of calling a person's code, before anything in it is judged.

A way of calling explains the code where backward runs and returns each gradient in the shape of its input; numbers that
are right on top of that settle it. Where a way does not explain it, the way may be at fault, and not the person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, ForbiddenError, call_theirs
from chainrule.check.model.names import WEIGHTS
from chainrule.check.model.problem import Array
from chainrule.check.model.target import Target, generator
from chainrule.check.model.verdict import RIGHT
from chainrule.check.trial.inputs import output_at
from chainrule.check.trial.judgement import Point, judge
from chainrule.check.trial.true_gradients import Truth

WEIGHED = 2  # a stream of its own


@dataclass(frozen=True)
class Evidence:
    """Whether backward ran, whether it returned what it should in shape, and how many gradients are right of how many.

    `is_unsummed` tells that a shape is wrong in the way of one who forgets to sum over samples.
    """

    runs: bool = False
    fits: bool = False
    right: int = 0
    count: int = 0
    is_unsummed: bool = False

    @property
    def settles(self) -> bool:
        """Whether nothing is left to explain."""
        return self.fits and self.right == self.count

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """What one way of calling is preferred to another for."""
        return self.fits, self.runs, self.right


def weigh(target: Target, inputs: Mapping[str, Any]) -> Evidence:
    """Return what speaks for calling a target with these inputs: one forward and backward, and the truth beside it."""
    target = target.with_fixed_seed()
    at = {n: a.astype(np.float64) if getattr(a, "dtype", None) == np.float32 else a for n, a in inputs.items()}
    Y = output_at(target, at)
    if Y is None:
        return Evidence()
    rng = generator(0, WEIGHED)
    dY = target.draw_cotangent(Y, rng)
    found = call_theirs(lambda: target.gradients(dY, at))
    if isinstance(found, Failure):
        return Evidence(fits=isinstance(found.error, ForbiddenError))  # which another way would do too
    names = [name for name in at if name in found and isinstance(at[name], np.ndarray)]
    wrong = {name: found[name] for name in names if found[name].shape != at[name].shape}
    has_grown = Y.ndim > max((np.ndim(a) for a in at.values()), default=0)  # inputs that were not meant for one another
    has_weights = any(name.lower() in WEIGHTS for name in at)  # without them, b is no bias, but a second input
    named = {name: gradient for name, gradient in wrong.items() if len(name) > 1 or has_weights}
    is_unsummed = not has_grown and any(_sums_to(gradient, at[name]) for name, gradient in named.items())
    nought = [name for name in names if name not in wrong and not np.any(found[name])]
    missing = [name for name in target.required if name not in found]
    point = Point("", Truth(target, at, dY, names, Y), found)
    rows = [call_theirs(partial(judge, point, name, rng)) for name in names if name not in wrong]
    right = [row.name for row in rows if not isinstance(row, Failure) and row.kind == RIGHT]
    fits = bool(names) and not wrong and not missing and all(name in right for name in nought)
    return Evidence(True, fits, len(right), len(names), is_unsummed)


def _sums_to(gradient: Array, X: Array) -> bool:
    """Tell whether a gradient has entries for samples over which it should have been summed."""
    try:
        return np.broadcast_shapes(gradient.shape, X.shape) == gradient.shape
    except ValueError:
        return False
