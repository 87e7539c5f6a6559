"""The forward's own map applied to dY in place of its transpose: a cumsum not reversed, a rotation onwards."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess


def find_untransposed(case: Case) -> Iterator[Guess]:
    """Guess that dY was sent through the Jacobian, and not through its transpose."""
    if passes(_is_untransposed, case):
        X = case.name
        yield Guess(
            "transposed",
            f"d{X} is (∂Y/∂{X}) dY: dY went through forward's own map, not through its transpose.",
            f"Send dY back: where forward takes {X}[j] to Y[i], take dY[i] to d{X}[j]. That is a cumsum from the other "
            "end, the inverse of a permutation, a shift or a rotation, the transpose of a matrix.",
            _is_untransposed,
        )


def _is_untransposed(case: Case) -> bool:
    dY = np.asarray(case.problem.dY)
    if not dY.ndim or not (case.found.shape == case.X.shape == dY.shape):
        return False
    return case.equals(case.replays.respond(dY, {}, np.ones(dY.shape)))


FINDERS = {172: find_untransposed}
