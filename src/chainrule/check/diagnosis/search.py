"""The search for the smallest explanation of a wrong gradient, family by family."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from chainrule.check.diagnosis.case import Case
from chainrule.check.diagnosis.families.factor import evaluate_meaning, list_plain_meanings, repair_factor
from chainrule.check.diagnosis.families.place import describe_place, wrong_entries
from chainrule.check.diagnosis.guess import Guess
from chainrule.check.model.budget import is_time_over
from chainrule.check.model.discovery import import_files
from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import until_failure
from chainrule.check.model.problem import Problem

Finder = Callable[[Case], Iterator[Guess]]
FURTHER_POINTS = 2
TWOFOLD = (20, 40, 50, 90, 110, 145, 146, 147, 150, 165)  # ranks of finders that need few replays
SHORT = (5, 10, 20, 30, 40, 45, 50, 52, 60, 65, 70)  # those that are asked before what explained another gradient
LEFT_OUT = "The search ended early, for it had done all the work it may do: smaller inputs may show more."


@cache
def list_finders(*ranks: int) -> tuple[Finder, ...]:
    """Return the finders of all families, or of some ranks, by the ranks that their files give them.

    The shortest explanations come first.
    """
    files = import_files("chainrule.check.diagnosis.families")
    ranked = [item for file in files for item in getattr(file, "FINDERS", {}).items()]
    chosen = [item for item in ranked if not ranks or item[0] in ranks]
    return tuple(finder for _, finder in sorted(chosen, key=lambda item: item[0]))


def diagnose(problem: Problem, before: list[Finder] | None = None) -> Explanation | None:
    """Return the smallest explanation of a wrong gradient, else where it is wrong; None when it is right.

    Takes a Problem: forward, inputs, cotangent, the person's gradients and the true ones. An explanation is said when
    it reproduces the person's gradient to rounding, here and (where the backward can be run again) at further points.
    `before` are the finders that explained other gradients of the same backward: they are asked before the long ones.
    """
    case = Case(problem, seed=0)
    if case.found.shape == case.X.shape and np.all(np.isfinite(case.found)) and not wrong_entries(case).any():
        return None
    if not np.all(np.isfinite(case.found)):
        return describe_place(case)
    further, others = list(_list_further_cases(case)), list(_list_other_sizes(case))
    with np.errstate(all="ignore"):
        for find in _put_first(before or ()):
            for guess in find(case):
                if guess.is_confirmed([case, *further], others):
                    if before is not None:
                        before.append(find)
                    return replace(guess.explanation, points=1 + len(further))
                if is_time_over():
                    break
        if (twofold := _find_twofold(case, further, others)) is not None:
            return replace(twofold, points=1 + len(further))
    place = describe_place(case)
    return replace(place, repair=f"{place.repair} {LEFT_OUT}") if case.replays.budget.is_spent else place


def _put_first(before: Sequence[Finder]) -> Iterator[Finder]:
    """Yield the finders: those of few replays, those that explained another gradient, then all others."""
    short, every = list_finders(*SHORT), list_finders()
    return iter(dict.fromkeys((*short, *before, *every) if before else every))


def _find_twofold(case: Case, further: Sequence[Case], others: Sequence[Case]) -> Explanation | None:
    """Return an explanation of two mistakes at once: one of those with arrays, and a factor in front of all."""
    if case.found.shape != case.X.shape:
        return None
    for meaning in list_plain_meanings(case):
        scaled = [_divide(each, meaning.key) for each in (case, *further, *others)]
        if any(each is None for each in scaled):
            continue
        first, *rest = (each for each in scaled if each is not None)
        for find in list_finders(*TWOFOLD):
            for guess in find(first):
                if guess.is_confirmed([first, *rest[: len(further)]], rest[len(further) :]):
                    sentence = (
                        f"Two mistakes at once. {guess.sentence} Besides, all of it is multiplied by {meaning.words}."
                    )
                    repair = f"{guess.repair} {repair_factor(meaning, case.name)}"
                    return Explanation(guess.kind, sentence, repair, guess.line)
                if is_time_over():
                    return None
    return None


def _divide(case: Case, key: str) -> Case | None:
    """Return the case with the person's gradient divided by what a factor is there."""
    factor = evaluate_meaning(key, case)
    if not factor:
        return None
    found = {**case.problem.found, case.name: case.found / factor}
    return Case(replace(case.problem, found=found), case.seed, case.method)


def _list_further_cases(case: Case) -> Iterator[Case]:
    """Yield cases at random inputs of the same shapes, where the person's backward can be run."""
    if case.problem.backward is None:
        return
    yield from until_failure(map(case.other_case, range(1, FURTHER_POINTS + 1)))


def _list_other_sizes(case: Case) -> Iterator[Case]:
    """Yield cases of other sizes and settings, where the person's backward can be run."""
    if case.problem.backward is not None:
        yield from until_failure(case.in_other_sizes(FURTHER_POINTS + 1))
        yield from until_failure(case.with_other_settings(FURTHER_POINTS + 2))
