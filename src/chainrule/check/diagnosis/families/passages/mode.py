"""The gradient of the other mode: training where the forward evaluates, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess


def find_other_mode(case: Case) -> Iterator[Guess]:
    """Guess that backward differentiates what forward computes in the other mode."""
    if case.problem.other_mode is None:
        return
    words, _ = case.problem.other_mode
    guess = Guess(
        "mode",
        f"d{case.name} is the gradient of what forward computes {words}.",
        "Let backward see in which mode its forward ran, and differentiate what that one computes.",
        _is_of_other_mode,
    )
    if passes(guess.holds, case):
        yield guess


def _is_of_other_mode(case: Case) -> bool:
    if case.problem.other_mode is None:
        return True  # with other settings, where none is known
    _, forward = case.problem.other_mode
    other = Case(replace(case.problem, forward=forward, other_mode=None, expected={}), case.seed, case.method)
    return case.agrees(other.slopes)


FINDERS = {60: find_other_mode}
