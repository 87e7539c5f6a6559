"""Contributions that overwrite each other: `=` where `+=` belongs, in a loop over windows or over places."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.model.problem import Array

ENTRIES = 40  # of the input, in which the contributions of all outputs are looked at
MOST_OUTPUTS = 20_000


def find_overwritten(case: Case) -> Iterator[Guess]:
    """Guess that of the contributions to an entry the last one alone is left."""
    rank = case.Y.ndim
    if case.found.shape != case.X.shape or rank == 0 or case.Y.size > MOST_OUTPUTS:
        return
    loops = [tuple(range(rank)), tuple(range(rank))[-2:], (0,), (0, 1), *((axis,) for axis in range(1, rank))]
    for axes in dict.fromkeys(axes for axes in loops if max(axes) < rank):
        guess = Guess(
            "overwritten",
            f"d{case.name} holds the last contribution alone, where several entries of Y depend on one of "
            f"{case.name}: each overwrites the one before.",
            f"Add them up: d{case.name}[…] += …; for places that come more than once, np.add.at.",
            _is_last(axes),
        )
        if passes(guess.holds, case):
            yield guess


def _is_last(axes: tuple[int, ...]) -> Test:
    """Test a loop over these axes of the output, in which the last turn overwrites the others."""

    def holds(case: Case) -> bool:
        places = np.random.default_rng(case.seed).permutation(case.X.size)[:ENTRIES]
        last = np.array([_last(case.contributions(int(k)), case.reached(int(k)), axes) for k in places])
        found, expected = case.found.ravel()[places], case.expected.ravel()[places]
        allowed = case.slack * (np.max(np.abs(case.found)) + np.max(np.abs(case.expected)))
        return bool(np.max(np.abs(found - last)) <= allowed and np.any(np.abs(found - expected) > allowed))

    return holds


def _last(parts: Array, reached: Array, axes: tuple[int, ...]) -> float:
    """Return what the last turn adds that reaches the entry: it may be 0, in a window whose maximum is another."""
    within = tuple(axis for axis in range(parts.ndim) if axis not in axes)
    turns = np.flatnonzero(reached.any(axis=within))
    return float(parts.sum(axis=within).ravel()[turns[-1]]) if turns.size else 0.0


FINDERS = {130: find_overwritten}
