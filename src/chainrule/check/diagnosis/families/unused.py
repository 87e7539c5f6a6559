"""A forward that forgets one of its inputs, beside a backward that remembers it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess
from chainrule.check.model.target import copies


def find_unused(case: Case) -> Iterator[Guess]:
    """Guess that the forward does not use the input at all, so that its gradient is 0."""
    name = case.name
    guess = Guess(
        "unused",
        f"forward never uses {name}: Y stays the same whatever {name} is, so that its gradient is 0, where backward "
        f"returns another.",
        f"Look at forward first: it seems to forget {name}. If that is meant, return 0 for d{name}.",
        _is_unused,
        of_sizes=True,
    )
    if passes(guess.holds, case):
        yield guess


def _is_unused(case: Case) -> bool:
    moved = np.random.default_rng(case.seed).normal(0, 3, case.X.shape) + 2 * case.X + 1
    Y = np.asarray(case.problem.forward(**copies({**case.problem.inputs, case.name: moved})))
    return bool(np.any(case.found)) and Y.shape == case.Y.shape and np.array_equal(Y, case.Y)


FINDERS = {5: find_unused}
