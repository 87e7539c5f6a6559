"""The diagonal of a Jacobian: where only it was used, and where there is nothing else but it was used as a matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.model.problem import Array

Join = Callable[[Array, Array], Array]
MOST_ENTRIES = 1000
JOINS: tuple[tuple[str, Join], ...] = (
    ("of dY and h'({0})", lambda dY, D: dY @ D),
    ("of dY and h'({0})ᵀ", lambda dY, D: dY @ D.T),
    ("of dYᵀ and h'({0})", lambda dY, D: dY.T @ D),
    ("of h'({0}) and dY", lambda dY, D: D @ dY),
    ("of h'({0}) and dYᵀ", lambda dY, D: D @ dY.T),
    ("of h'({0})ᵀ and dY", lambda dY, D: D.T @ dY),
)


def find_diagonal(case: Case) -> Iterator[Guess]:
    """Guess that each output was taken to depend on the input at its own place alone."""
    guess = Guess(
        "diagonal",
        f"d{case.name} is dY times the diagonal of the Jacobian: each output is taken to depend on the entry of "
        f"{case.name} at its own place alone.",
        f"Each entry of {case.name} reaches other outputs too: add the sum over those.",
        _is_diagonal,
    )
    if case.found.shape == case.X.shape == np.shape(case.problem.dY) and passes(guess.holds, case):
        yield guess


def find_matrix_product(case: Case) -> Iterator[Guess]:
    """Guess that dY and the derivatives of a function of single entries were multiplied as matrices."""
    if case.X.ndim != 2 or case.X.shape != np.shape(case.problem.dY) or case.X.size > MOST_ENTRIES:
        return
    name = case.name
    for words, join in JOINS:
        guess = Guess(
            "product",
            f"d{name} is the matrix product {words.format(name)}, where h'({name}) holds the derivative of each entry.",
            f"Each output depends on the entry of {name} at its own place alone: multiply entry by entry, "
            f"dY * h'({name}), not as matrices.",
            _is_matrix_product(join),
        )
        if passes(guess.holds, case):
            yield guess


def _is_matrix_product(join: Join) -> Test:
    def holds(case: Case) -> bool:
        dY, derivative = np.asarray(case.problem.dY), case.diagonal()
        if not case.equals(join(dY, derivative)):
            return False
        apart = np.max(np.abs(dY * derivative - case.expected))
        return bool(apart <= case.slack * np.max(np.abs(case.expected)))

    return holds


def _is_diagonal(case: Case) -> bool:
    return case.equals(np.asarray(case.problem.dY) * case.diagonal())


FINDERS = {90: find_diagonal, 100: find_matrix_product}
