"""dY at the wrong place of a derivative: within what it should be multiplied with, added to it, or only in one term."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import list_distinct, list_known
from chainrule.check.model.problem import Array

Value = Callable[[Array, Array], Array]  # of an array that the forward knows, and dY
DERIVATIVES: tuple[tuple[str, Value, tuple[tuple[str, Value], ...]], ...] = (
    (
        "(1 − {0}²)", lambda A, d: 1 - A * A,
        (
            ("1 − (dY ∘ {0})²", lambda A, d: 1 - (d * A) ** 2), ("dY − {0}²", lambda A, d: d - A * A),
            ("1 − dY ∘ {0}²", lambda A, d: 1 - d * A * A),
            ("dY ∘ (1 − (dY ∘ {0})²)", lambda A, d: d * (1 - (d * A) ** 2)),
        ),
    ),
    (
        "{0} ∘ (1 − {0})", lambda A, d: A * (1 - A),
        (
            ("{0} ∘ (1 − dY ∘ {0})", lambda A, d: A * (1 - d * A)), ("dY ∘ {0} − {0}²", lambda A, d: d * A - A * A),
            ("{0} − dY ∘ {0}²", lambda A, d: A - d * A * A), ("dY − {0} ∘ (1 − {0})", lambda A, d: d - A * (1 - A)),
            ("{0} ∘ (dY − {0})", lambda A, d: A * (d - A)),
            ("dY ∘ {0} ∘ (1 − dY ∘ {0})", lambda A, d: d * A * (1 - d * A)),
        ),
    ),
    ("{0}", lambda A, d: A, (("dY + {0}", lambda A, d: d + A), ("{0} alone, without dY", lambda A, d: A))),
)  # fmt: skip


def find_misplaced(case: Case) -> Iterator[Guess]:
    """Guess that dY stands at another place than before the derivative."""
    shape = case.X.shape
    if not (case.found.shape == shape == np.shape(case.problem.dY)) or not shape:
        return
    for known in list_distinct(case):
        if known.value.shape != shape or known.value.dtype.kind != "f" or known.name == "dY":
            continue
        for right, derivative, mistakes in DERIVATIVES:
            for wrong, value in mistakes:
                guess = Guess(
                    "cotangent",
                    f"d{case.name} is {wrong.format(known.name)}, where dY ∘ {right.format(known.name)} is right: "
                    "dY is multiplied at the wrong place.",
                    "Compute the derivative first, all of it, and multiply it by dY then.",
                    _is_misplaced(known.index, derivative, value),
                )
                if passes(guess.holds, case):
                    yield guess


def _is_misplaced(index: int, derivative: Value, value: Value) -> Test:
    def holds(case: Case) -> bool:
        A, dY = list_known(case)[index].value, np.asarray(case.problem.dY)
        right = dY * derivative(A, dY)
        scale = case.slack * float(np.max(np.abs(case.expected), initial=0))
        return case.equals(value(A, dY)) and bool(np.max(np.abs(right - case.expected)) <= scale)

    return holds


FINDERS = {146: find_misplaced}
