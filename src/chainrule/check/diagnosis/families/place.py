"""Where a gradient is wrong, when nothing shorter explains it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import list_distinct, list_known
from chainrule.check.model.explanation import Explanation
from chainrule.check.model.problem import Array

CONDITIONS = {">": np.greater, "<": np.less}


def find_branch(case: Case) -> Iterator[Guess]:
    """Guess that the gradient is wrong just where a known array is positive, or negative."""
    if case.found.shape != case.X.shape:
        return
    for known in list_distinct(case):
        if known.value.shape != case.X.shape or known.value.dtype.kind != "f":
            continue
        for sign in CONDITIONS:
            guess = Guess(
                "branch",
                f"d{case.name} is wrong where {known.name} {sign} 0, and right everywhere else"
                f"{_say_value(case, known.value, sign)}.",
                f"Look at the branch for {known.name} {sign} 0.",
                _is_wrong_on_side(known.index, sign),
                known.line,
            )
            if passes(guess.holds, case):
                yield guess


def _is_wrong_on_side(index: int, sign: str) -> Test:
    return lambda case: _is_wrong_just_where(case, list_known(case)[index].value, sign)


def _is_wrong_just_where(case: Case, array: Array, sign: str) -> bool:
    where = CONDITIONS[sign](array, 0)
    wrong = wrong_entries(case)
    return bool(wrong.any() and not wrong[~where].any() and wrong[where].mean() > 0.9 and not where.all())


def _say_value(case: Case, array: Array, sign: str) -> str:
    where = CONDITIONS[sign](array, 0)
    found, expected = case.found[where], case.expected[where]
    if not np.any(found):
        return "; it is 0 there"
    if np.shape(case.problem.dY) == case.X.shape and np.allclose(found, np.asarray(case.problem.dY)[where]):
        return "; it is dY there"
    if np.any(expected == 0):
        return ""
    ratio = found / expected
    return f"; it is {np.mean(ratio):.4g} times the right one there" if np.std(ratio) < 1e-6 else ""


def describe_place(case: Case) -> Explanation:
    """Say the shape, or which entries are wrong, how far, and what is right."""
    name, found, shape = case.name, case.found, case.X.shape
    if found.shape != shape:
        words = f"d{name} has shape {found.shape}, but {name} has shape {shape}"
        return Explanation(
            "place", f"{words}{_say_numbers(case)}.", "A gradient has the shape of what it is a gradient of."
        )
    if not np.all(np.isfinite(found)):
        count = int(np.sum(~np.isfinite(found)))
        return Explanation(
            "place", f"d{name} is not finite in {count} of {found.size} entries.", "Look for 0 / 0 or overflow."
        )
    wrong = wrong_entries(case)
    worst = np.unravel_index(int(np.argmax(np.abs(found - case.expected))), shape)
    at = ", ".join(str(int(k)) for k in worst)
    where = _say_labelled(case, wrong) or _say_where(wrong)
    return Explanation(
        "place",
        f"d{name} is wrong {where}; farthest at [{at}]: {found[worst]:.6g} where "
        f"{case.expected[worst]:.6g} is right.{_say_right(case)}",
        "No single mistake that is known here gives these numbers: compare the intermediate gradients one by one.",
    )


def _say_numbers(case: Case) -> str:
    """Say that the numbers of a gradient of another shape are wrong too, where they can be compared."""
    found, expected = case.found.ravel(), case.expected.ravel()
    if found.size != expected.size or not np.all(np.isfinite(found)):
        return ""
    worst = int(np.argmax(np.abs(found - expected)))
    if abs(found[worst] - expected[worst]) <= case.slack * np.max(np.abs(expected)):
        return "; its numbers are right"
    return f"; and of its numbers, entry {worst} is {found[worst]:.6g} where {expected[worst]:.6g} is right"


def wrong_entries(case: Case) -> Array:
    """Return which entries differ from the right ones by more than rounding."""
    scale = np.max(np.abs(case.expected), initial=0) + np.max(np.abs(case.found), initial=0)
    return np.abs(case.found - case.expected) > case.slack * scale


def _say_labelled(case: Case, wrong: Array) -> str:
    """Say that only entries are wrong that class numbers pick, one of each row; "" where that is not so."""
    for name, labels in case.problem.inputs.items():
        is_labels = isinstance(labels, np.ndarray) and labels.dtype.kind in "iu" and labels.ndim == 1
        if is_labels and wrong.ndim == 2 and len(labels) == len(wrong) and labels.max() < wrong.shape[1]:
            picked = np.zeros(wrong.shape, bool)
            picked[np.arange(len(labels)), labels] = True
            if not wrong[~picked].any():
                return f"only where {name} picks an entry of a row (in {int(wrong.sum())} of {len(wrong)} rows)"
    return ""


def _say_where(wrong: Array) -> str:
    if wrong.all():
        return "in every entry"
    for axis in range(wrong.ndim):
        lines = wrong.any(tuple(k for k in range(wrong.ndim) if k != axis))
        if not lines.all():
            numbers = ", ".join(map(str, np.flatnonzero(lines)[:6]))
            more = " …" if lines.sum() > 6 else ""
            return f"only at {numbers}{more} along axis {axis} ({int(wrong.sum())} of {wrong.size} entries)"
    return f"in {int(wrong.sum())} of {wrong.size} entries"


def _say_right(case: Case) -> str:
    for axis in range(case.X.ndim):
        sums = case.found.sum(axis), case.expected.sum(axis)
        scale = np.max(np.abs(case.found)) * case.X.shape[axis]
        if case.X.shape[axis] > 1 and np.max(np.abs(sums[0] - sums[1])) <= case.slack * scale:
            return f" Its sums over axis {axis} are right."
    return ""


FINDERS = {230: find_branch}
