"""Contributions that overwrite each other: `=` where `+=` belongs, in a loop over windows or over places."""

from __future__ import annotations

import itertools
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
    turns = [(axes, -1) for axes in dict.fromkeys(axes for axes in loops if max(axes) < rank)]
    turns.append((tuple(range(rank))[-2:], 0))  # the first, where offsets within a window are the loop
    for (axes, turn), is_near in itertools.product(turns, (False, True)):
        guess = Guess(
            "overwritten",
            f"d{case.name} holds the last contribution alone, where several entries of Y depend on one of "
            f"{case.name}: each overwrites the one before.",
            f"Add them up: d{case.name}[…] += …; for places that come more than once, np.add.at.",
            _is_last(axes, turn, is_near),
        )
        if passes(guess.holds, case):
            yield guess


def find_one_row(case: Case) -> Iterator[Guess]:
    """Guess that a loop wrote every row to one place, where the last is left."""
    if case.found.shape != case.X.shape or case.X.ndim == 0 or len(case.X) < 2:
        return
    for row, words in ((0, "first"), (-1, "last")):
        for turn, left in ((-1, "last"), (0, "first")):
            guess = Guess(
                "overwritten",
                f"all rows of d{case.name} go to the {words} one, where the {left} that is written is left; the "
                "others are 0.",
                f"Write each row of d{case.name} to its own place: the index, or the pointer, stands still.",
                _is_one_row(row, turn),
            )
            if row != turn and passes(guess.holds, case):
                yield guess


def _is_last(axes: tuple[int, ...], turn: int, is_near: bool) -> Test:
    """Test a loop over these axes of the output, in which the last turn, or the first, overwrites the others.

    Turns are those that a small move of the entry reaches, or else a large one: in a window, any may be the maximum.
    """

    def holds(case: Case) -> bool:
        places = np.random.default_rng(case.seed).permutation(case.X.size)[:ENTRIES]
        parts = [case.contributions(int(k)) for k in places]
        reached = [added != 0 if is_near else case.reached(int(k)) for k, added in zip(places, parts, strict=True)]
        last = np.array([_last(*each, axes, turn) for each in zip(parts, reached, strict=True)])
        found, expected = case.found.ravel()[places], case.expected.ravel()[places]
        allowed = case.slack * (np.max(np.abs(case.found)) + np.max(np.abs(case.expected)))
        differs = np.any(np.abs(found - expected) > allowed) or case.equals(case.expected)  # where none is met twice
        return bool(np.max(np.abs(found - last)) <= allowed and differs)

    return holds


def _last(parts: Array, reached: Array, axes: tuple[int, ...], turn: int) -> float:
    """Return what that turn adds that reaches the entry: it may be 0, in a window whose maximum is another."""
    within = tuple(axis for axis in range(parts.ndim) if axis not in axes)
    turns = np.flatnonzero(reached.any(axis=within))
    return float(parts.sum(axis=within).ravel()[turns[turn]]) if turns.size else 0.0


def _is_one_row(row: int, turn: int) -> Test:
    def holds(case: Case) -> bool:
        moved = np.zeros_like(case.expected)
        moved[row] = case.expected[turn]
        return case.equals(moved) and bool(moved.any())

    return holds


FINDERS = {65: find_one_row, 130: find_overwritten}
