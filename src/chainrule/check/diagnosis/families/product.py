"""Gradients that are a product with an array that the forward knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.families.arrangement import name_axes
from chainrule.check.diagnosis.families.forms.crossed import MOST_ENTRIES, say_right_form
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import Known, broadcasts, list_distinct, list_known
from chainrule.check.model.problem import Array

OTHERS = 1e-3  # of a gradient, which differences may leave to be told from what other outputs add
Form = Callable[[Array], Array]
Join = Callable[[Array, Array], Array]

FORMS: tuple[tuple[str, Form], ...] = (
    ("{}", lambda A: A),
    ("1 / {}", lambda A: 1 / A),
    ("({} > 0)", lambda A: A > 0),
    ("({} < 0)", lambda A: A < 0),
    ("{}²", np.square),
    ("1 / {}²", lambda A: 1 / np.square(A)),
    ("(1 + {}²)", lambda A: 1 + A * A),
    ("{}³", lambda A: A**3),
    ("(1 − {}³)", lambda A: 1 - A**3),
    ("√{}", np.sqrt),
    ("1 / √{}", lambda A: 1 / np.sqrt(A)),
    ("(1 − {})", lambda A: 1 - A),
    ("{0} (1 − {0})", lambda A: A * (1 - A)),
    ("(1 − {}²)", lambda A: 1 - A * A),
)
JOINS: tuple[tuple[str, Join], ...] = (
    ("the matrix product of dY and ({})ᵀ", lambda A, dY: dY @ A.T),
    ("the matrix product of {} and dYᵀ", lambda A, dY: A @ dY.T),
    ("the matrix product of dYᵀ and {}", lambda A, dY: dY.T @ A),
    ("the matrix product of ({})ᵀ and dY", lambda A, dY: A.T @ dY),
    ("the sum over samples of dY times {}", lambda A, dY: (dY * A).sum(0)),
)


def find_array_factor(case: Case) -> Iterator[Guess]:
    """Guess that an array is missing from the product, or is in it once too often."""
    return _list_factors(case, of_unnamed_signs=False)


def find_sign_factor(case: Case) -> Iterator[Guess]:
    """Guess the same of a condition on what has no name, which may be so for another reason."""
    return _list_factors(case, of_unnamed_signs=True)


def _list_factors(case: Case, of_unnamed_signs: bool) -> Iterator[Guess]:
    if case.found.shape != case.X.shape:
        return
    every = [(known, words.format(known.name), form) for known, words, form in broadcastable(case)]
    chosen = [each for each in every if _is_unnamed_sign(each[0], each[1]) == of_unnamed_signs]
    arrays = [(name, known.index, form) for known, name, form in chosen]
    for some in ([a for a in arrays if not _is_reciprocal(a[0])], [a for a in arrays if _is_reciprocal(a[0])]):
        missing = (
            (f"d{case.name} times {name} is the right gradient: this factor is missing.", f"Multiply by {name}.",
             _lacks_factor(index, form))
            for name, index, form in some
        )  # fmt: skip
        too_many = (
            (f"d{case.name} is the right gradient times {name}, which is one factor too many.",
             f"Take the factor {name} away.", _has_factor(index, form))
            for name, index, form in some
        )  # fmt: skip
        for said in (*missing, *too_many):
            guess = Guess("array factor", *said)
            if passes(guess.holds, case):
                yield guess


def _is_unnamed_sign(known: Known, name: str) -> bool:
    return known.name.startswith("the result of") and name.endswith((" > 0)", " < 0)"))


def _is_reciprocal(name: str) -> bool:
    return name.startswith("1 / ")


def find_product(case: Case) -> Iterator[Guess]:
    """Guess that the gradient is dY, or dY times an array, joined in a way that is not the chain rule's."""
    derivative = _say_derivative(case)
    if np.ndim(case.problem.dY) and np.shape(case.problem.dY) == case.found.shape:
        yield from _product(
            case, "dY itself: the derivative is missing", derivative, lambda p: np.asarray(p.problem.dY)
        )
        yield from _multiple_of_dY(case)
        for known, words, form in broadcastable(case):
            sentence = f"dY times {words.format(known.name)}, which is not the derivative"
            yield from _product(case, sentence, derivative, _times(known.index, form))
    for known in list_distinct(case) if np.ndim(case.problem.dY) else ():
        for words, join in JOINS:
            if known.value.ndim == 2 or "sum" in words:
                repair = _repair(case, known)
                yield from _product(case, words.format(known.name), repair, _joined(known.index, join))


def _say_derivative(case: Case) -> str:
    """Say what is right in place of a product with dY: the derivative at each entry, or a sum over the outputs too."""
    if case.X.size <= MOST_ENTRIES and passes(_reaches_others, case):
        right = say_right_form(case)
        added = f"Each entry of {case.name} reaches other outputs too: their part must be added"
        return f"{added}; {right}." if right else f"{added}."
    return "Multiply dY by the derivative at each entry, and by nothing else."


def _reaches_others(case: Case) -> bool:
    alone = np.asarray(case.problem.dY) * case.diagonal()
    return bool(np.max(np.abs(alone - case.expected)) > max(case.slack, OTHERS) * np.max(np.abs(case.expected)))


def _repair(case: Case, known: Known) -> str:
    dY, lacking = np.asarray(case.problem.dY), np.ndim(case.problem.dY) - case.X.ndim
    if known.value.shape == dY.shape and lacking > 0:
        axes = tuple(range(lacking))
        total = (dY * known.value).sum(axes)
        if total.shape == case.X.shape and np.max(np.abs(total - case.expected)) <= case.slack * np.max(np.abs(total)):
            return f"Multiply dY and {known.name} entry by entry, and sum over {name_axes(axes)}."
    return (
        f"Follow the indices: d{case.name} has the shape {case.X.shape} of {case.name}, and where the forward "
        "multiplies entry by entry, so does the backward, with the same array."
    )


def _product(case: Case, words: str, repair: str, take: Callable[[Case], Array]) -> Iterator[Guess]:
    guess = Guess("product", f"d{case.name} is {words}.", repair, lambda p: p.equals(take(p)) and not _is_right(p))
    if passes(guess.holds, case):
        yield guess


def _multiple_of_dY(case: Case) -> Iterator[Guess]:
    dY = np.asarray(case.problem.dY)
    c = round(float(np.sum(case.found * dY) / np.sum(dY * dY)), 9)
    words = f"{c:g} dY: the derivative is missing, or the same in every entry"
    yield from _product(case, words, _say_derivative(case), lambda p: c * p.problem.dY)


def _times(index: int, form: Form) -> Callable[[Case], Array]:
    return lambda case: np.asarray(case.problem.dY) * _at(case, index, form)


def _joined(index: int, join: Join) -> Callable[[Case], Array]:
    return lambda case: join(list_known(case)[index].value, np.asarray(case.problem.dY))


def _has_factor(index: int, form: Form) -> Test:
    return lambda case: case.equals(_at(case, index, form) * case.expected)


def _lacks_factor(index: int, form: Form) -> Test:
    def holds(case: Case) -> bool:
        completed = case.found * _at(case, index, form)
        scale = np.max(np.abs(completed))
        return bool(0 < scale < np.inf and np.max(np.abs(completed - case.expected)) <= case.slack * scale)

    return holds


def _is_right(case: Case) -> bool:
    return case.found.shape == case.X.shape and case.equals(case.expected)


def _at(case: Case, index: int, form: Form) -> Array:
    return np.asarray(form(list_known(case)[index].value))


def broadcastable(case: Case, onto: tuple[int, ...] | None = None) -> Iterator[tuple[Known, str, Form]]:
    """Yield the known arrays that broadcast to a shape, the input's, in every form: those first that have a name."""
    shape = case.X.shape if onto is None else onto
    arrays = [known for known in list_distinct(case) if known.value.ndim and broadcasts(known.value.shape, shape)]
    named = [known for known in arrays if not known.name.startswith("the result of")]
    for same in (named, [known for known in arrays if known not in named]):
        for words, form in FORMS:
            yield from ((known, words, form) for known in same if known.value.dtype.kind == "f" or words == "{}")


FINDERS = {110: find_array_factor, 150: find_product, 175: find_sign_factor}
