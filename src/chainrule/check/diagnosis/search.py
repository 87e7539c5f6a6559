"""The search for the smallest explanation of a wrong gradient, family by family."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial

import numpy as np

from chainrule.check.diagnosis.case import Case
from chainrule.check.diagnosis.families.calls import UNMOVED
from chainrule.check.diagnosis.families.edited import FEW, find_edits, find_late_edits
from chainrule.check.diagnosis.families.factor import evaluate_meaning, list_plain_meanings, repair_factor
from chainrule.check.diagnosis.families.place import describe_place, wrong_entries
from chainrule.check.diagnosis.guess import Guess
from chainrule.check.model.budget import Budget, is_time_over
from chainrule.check.model.discovery import import_files
from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import until_failure
from chainrule.check.model.problem import Problem
from chainrule.check.model.target import quiet

Finder = Callable[[Case], Iterator[Guess]]
FURTHER_POINTS = 3
LONG = 75  # rank from which finders run the forward again and again
SOON = 8_000_000  # entries that those may compute where an edit is known already
TWOFOLD = (20, 40, 50, 90, 110, 145, 146, 147, 150, 165)  # ranks of finders that need few replays
OPEN = ("branch", UNMOVED)  # kinds of explanations that say less than an edit
LEFT_OUT = "The search ended early, for it had done all the work it may do: smaller inputs may show more."


@cache
def list_finders(*ranks: int, above: int = 0, below: int = 1000) -> tuple[Finder, ...]:
    """Return the finders of all families, or of some ranks, by the ranks that their files give them.

    The shortest explanations come first.
    """
    files = import_files("chainrule.check.diagnosis.families")
    ranked = [item for file in files for item in getattr(file, "FINDERS", {}).items() if above <= item[0] < below]
    chosen = [item for item in ranked if not ranks or item[0] in ranks]
    return tuple(finder for _, finder in sorted(chosen, key=lambda item: item[0]))


def diagnose(problem: Problem, before: list[Finder] | None = None) -> Explanation | None:
    """Return the smallest explanation of a wrong gradient, else where it is wrong; None when it is right.

    Takes a Problem: forward, inputs, cotangent, the person's gradients and the true ones. An explanation is said when
    it reproduces the person's gradient to rounding, here and (where the backward can be run again) at further points.
    `before` are the long finders that explained other gradients of the same backward: they are asked first of them.
    """
    case = Case(problem, seed=0)
    if case.found.shape == case.X.shape and np.all(np.isfinite(case.found)) and not wrong_entries(case).any():
        return None
    if not np.all(np.isfinite(case.found)):
        return describe_place(case)
    further, others = list(_list_further_cases(case)), list(_list_other_sizes(case))
    case.is_alone = not others
    held, long = (case, further, others), list_finders(above=LONG)
    with quiet():
        if (said := _first_confirmed(list_finders(below=LONG), *held)) is not None:
            edit = _first_confirmed([partial(find_edits, most=FEW)], *held)
            is_open = edit is None and said.kind in OPEN
            return _add_edit(said, _first_confirmed([find_edits, find_late_edits], *held) if is_open else edit)
        if before and (said := _first_confirmed(tuple(before), *held)) is not None:
            return said
        if (edit := _first_confirmed([find_edits], *held)) is not None:
            case.replays.budget = Budget(SOON)
            said = _first_confirmed(long, *held, before)
            return edit if said is None else _add_edit(said, edit)
        if (said := _first_confirmed(long, *held, before)) is not None:
            return _add_edit(said, _first_confirmed([find_late_edits], *held)) if said.kind in OPEN else said
        if (twofold := _find_twofold(case, further, others)) is not None:
            return replace(twofold, points=1 + len(further))
        if (late := _first_confirmed([find_late_edits], *held)) is not None:
            return late
    place = describe_place(case)
    return replace(place, repair=f"{place.repair} {LEFT_OUT}") if case.replays.budget.is_spent else place


def _first_confirmed(
    finders: Iterable[Finder],
    case: Case,
    further: Sequence[Case],
    others: Sequence[Case],
    before: list[Finder] | None = None,
) -> Explanation | None:
    """Return the first explanation that holds here, at further inputs and at other sizes; note its finder."""
    for find in finders:
        for guess in until_failure(find(case)):  # one that fails at a person's arrays leaves the others their say
            if guess.is_confirmed([case, *further], others):
                if before is not None:
                    before.append(find)
                return replace(guess.explanation, points=1 + len(further))
            if is_time_over():
                break
    return None


def _add_edit(said: Explanation, edit: Explanation | None) -> Explanation:
    """Return an explanation, and behind its repair the edit of the source that makes the gradient right, if known.

    Of an explanation that names no cause the edit alone is left.
    """
    if edit is not None and said.kind == UNMOVED:
        return edit
    return said if edit is None else replace(said, repair=" ".join(filter(None, (said.repair, edit.sentence))))


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
            for guess in until_failure(find(first)):
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
    """Yield cases at random inputs of the same shapes, the last at large ones, where backward can be run."""
    if case.problem.backward is None:
        return
    yield from until_failure(case.other_case(k, k == FURTHER_POINTS) for k in range(1, FURTHER_POINTS + 1))


def _list_other_sizes(case: Case) -> Iterator[Case]:
    """Yield cases of other sizes and settings, where the person's backward can be run."""
    if case.problem.backward is not None:
        yield from until_failure(case.in_other_sizes(FURTHER_POINTS + 1))
        yield from until_failure(case.with_other_settings(FURTHER_POINTS + 2))
