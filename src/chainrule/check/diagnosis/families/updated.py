"""A gradient that was computed with parameters that backward had updated already."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess, Test

RATES = (0.5, 1.0, 0.1, 0.01)  # that a backward is handed, and that people write down


def find_updated(case: Case) -> Iterator[Guess]:
    """Guess that a parameter had taken its step W − η dW, with one rate η of those known, before it was used."""
    if case.found.shape != case.X.shape:
        return
    rates = dict.fromkeys((*RATES, *(v for v in case.problem.numbers.values() if isinstance(v, float))))
    for other in case.problem.found:
        for rate in rates if other != case.name else ():
            guess = Guess(
                "replaced",
                f"d{case.name} is the gradient at {other} after its update: backward changes {other} first.",
                f"Compute d{case.name} before {other} is updated.",
                _is_at_updated(other, rate),
            )
            if passes(guess.holds, case):
                yield guess


def _is_at_updated(other: str, rate: float) -> Test:
    def holds(case: Case) -> bool:
        W, dW = case.problem.inputs[other], np.asarray(case.problem.found[other], dtype=float)
        is_step = np.shape(W) == dW.shape and np.asarray(W).dtype.kind == "f"
        return is_step and case.agrees(case.slopes_with({}, **{other: W - rate * dW}))

    return holds


FINDERS = {56: find_updated}
