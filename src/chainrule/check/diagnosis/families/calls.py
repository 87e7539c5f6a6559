"""Gradients that depend on the calls before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess

UNMOVED = "unmoved"  # what is said of a gradient that does not move with the inputs


def find_accumulated(case: Case) -> Iterator[Guess]:
    """Guess that the gradient is added to that of the call before."""
    guess = Guess(
        "accumulated",
        f"d{case.name} grows with every call: it is added to the gradient of the call before.",
        f"Assign d{case.name} (=) where it is added (+=), or set it to 0 before.",
        _grows,
    )
    if passes(guess.holds, case):
        yield guess


def find_stale(case: Case) -> Iterator[Guess]:
    """Guess that the gradient is taken at the arrays of an earlier call, or at none."""
    repair = "Keep what backward needs at every call of forward, and use it."
    earlier = f"d{case.name} is the gradient at the inputs of the call before: the cache is not written anew."
    ignored = (
        f"d{case.name} stays the same when the inputs change, and the true one does not: a condition or a factor is "
        "missing, or it is that of an earlier call."
    )
    at_these = "Multiply by what depends on the inputs of this call: a mask, a derivative at them."
    for guess in (
        Guess("stale", earlier, repair, _is_of_earlier_call),
        Guess(UNMOVED, ignored, at_these, _ignores_inputs),
    ):
        if passes(guess.holds, case):
            yield guess


def _grows(case: Case) -> bool:
    once, twice = (_call(case) for _ in range(2))
    moved = replace(case.problem, found={**case.problem.found, case.name: twice - once})
    return (
        once.shape == case.X.shape
        and bool(np.any(case.expected))
        and Case(moved, case.seed, case.method).equals(case.expected)
    )


def _is_of_earlier_call(case: Case) -> bool:
    """Whether the backward, run at another point, gives there the gradient of a point before."""
    other = case.other_case(case.seed + 50)
    for name, earlier in case.problem.inputs.items():
        mixed = other.slopes_with({}, **{name: earlier})
        if other.agrees(mixed):
            return True
    return other.agrees(other.slopes_with({}, **case.problem.inputs))


def _ignores_inputs(case: Case) -> bool:
    """Whether the gradient stays as it is when the inputs change, though the true one moves."""
    other = case.other_case(case.seed + 50)
    moved = Case(replace(other.problem, dY=case.problem.dY, expected={}), case.seed, case.method)
    stays = np.array_equal(_call(case), _call(moved)) and bool(np.any(case.found))
    return stays and not np.allclose(case.slopes, moved.slopes, rtol=1e-6)


def _call(case: Case) -> np.ndarray:
    assert case.problem.backward is not None
    inputs = {name: np.array(array) for name, array in case.problem.inputs.items()}
    return np.array(case.problem.backward(np.array(case.problem.dY), **inputs)[case.name], dtype=float)


FINDERS = {70: find_accumulated, 240: find_stale}
