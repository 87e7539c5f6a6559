"""Gradients that are a product with an array that the forward knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.check.diagnosis.case import Point, passes
from chainrule.check.diagnosis.families.arrangement import name_axes
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import Known, list_distinct, list_known
from chainrule.check.model.problem import Array

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


def find_array_factor(point: Point) -> Iterator[Guess]:
    """Guess that an array is missing from the product, or is in it once too often."""
    if point.found.shape != point.X.shape:
        return
    for known, words, form in broadcastable(point):
        name = words.format(known.name)
        for guess in (
            Guess(
                "array factor", f"d{point.name} is the right gradient times {name}, which is one factor too many.",
                f"Take the factor {name} away.", _has_factor(known.index, form),
            ),
            Guess(
                "array factor", f"d{point.name} times {name} is the right gradient: this factor is missing.",
                f"Multiply by {name}.", _lacks_factor(known.index, form),
            ),
        ):  # fmt: skip
            if passes(guess.holds, point):
                yield guess


def find_product(point: Point) -> Iterator[Guess]:
    """Guess that the gradient is dY, or dY times an array, joined in a way that is not the chain rule's."""
    derivative = "Multiply dY by the derivative at each entry, and by nothing else."
    if np.ndim(point.problem.dY) and np.shape(point.problem.dY) == point.found.shape:
        yield from _product(
            point, "dY itself: the derivative is missing", derivative, lambda p: np.asarray(p.problem.dY)
        )
        yield from _multiple_of_dY(point)
        for known, words, form in broadcastable(point):
            sentence = f"dY times {words.format(known.name)}, which is not the derivative"
            yield from _product(point, sentence, derivative, _times(known.index, form))
    for known in list_distinct(point) if np.ndim(point.problem.dY) else ():
        for words, join in JOINS:
            if known.value.ndim == 2 or "sum" in words:
                repair = _repair(point, known)
                yield from _product(point, words.format(known.name), repair, _joined(known.index, join))


def _repair(point: Point, known: Known) -> str:
    dY, lacking = np.asarray(point.problem.dY), np.ndim(point.problem.dY) - point.X.ndim
    if known.value.shape == dY.shape and lacking > 0:
        axes = tuple(range(lacking))
        total = (dY * known.value).sum(axes)
        if total.shape == point.X.shape and np.max(np.abs(total - point.expected)) <= point.slack * np.max(
            np.abs(total)
        ):
            return f"Multiply dY and {known.name} entry by entry, and sum over {name_axes(axes)}."
    return (
        f"Follow the indices: d{point.name} has the shape {point.X.shape} of {point.name}, and where the forward "
        "multiplies entry by entry, so does the backward, with the same array."
    )


def _product(point: Point, words: str, repair: str, take: Callable[[Point], Array]) -> Iterator[Guess]:
    guess = Guess("product", f"d{point.name} is {words}.", repair, lambda p: p.equals(take(p)) and not _is_right(p))
    if passes(guess.holds, point):
        yield guess


def _multiple_of_dY(point: Point) -> Iterator[Guess]:
    dY = np.asarray(point.problem.dY)
    c = round(float(np.sum(point.found * dY) / np.sum(dY * dY)), 9)
    words = f"{c:g} dY: the derivative is missing, or the same in every entry"
    yield from _product(point, words, "Multiply dY by the derivative at each entry.", lambda p: c * p.problem.dY)


def _times(index: int, form: Form) -> Callable[[Point], Array]:
    return lambda point: np.asarray(point.problem.dY) * _at(point, index, form)


def _joined(index: int, join: Join) -> Callable[[Point], Array]:
    return lambda point: join(list_known(point)[index].value, np.asarray(point.problem.dY))


def _has_factor(index: int, form: Form) -> Test:
    return lambda point: point.equals(_at(point, index, form) * point.expected)


def _lacks_factor(index: int, form: Form) -> Test:
    def holds(point: Point) -> bool:
        completed = point.found * _at(point, index, form)
        scale = np.max(np.abs(completed))
        return bool(0 < scale < np.inf and np.max(np.abs(completed - point.expected)) <= point.slack * scale)

    return holds


def _is_right(point: Point) -> bool:
    return point.found.shape == point.X.shape and point.equals(point.expected)


def _at(point: Point, index: int, form: Form) -> Array:
    return np.asarray(form(list_known(point)[index].value))


def broadcastable(point: Point, onto: tuple[int, ...] | None = None) -> Iterator[tuple[Known, str, Form]]:
    """Yield the known arrays that broadcast to a shape, the input's, in every form, the plain one of all first."""
    shape = point.X.shape if onto is None else onto
    arrays = [known for known in list_distinct(point) if known.value.ndim and _fits(known.value.shape, shape)]
    for words, form in FORMS:
        yield from ((known, words, form) for known in arrays if known.value.dtype.kind == "f" or words == "{}")


def _fits(shape: tuple[int, ...], onto: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, onto) == onto
    except ValueError:
        return False
