"""A Jacobian of which only the diagonal was used."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.guess import Guess
from chainrule.check.diagnosis.point import Point, passes


def find_diagonal(point: Point) -> Iterator[Guess]:
    """Guess that each output was taken to depend on the input at its own place alone."""
    guess = Guess(
        "diagonal",
        f"d{point.name} is dY times the diagonal of the Jacobian: each output is taken to depend on the entry of "
        f"{point.name} at its own place alone.",
        f"Each entry of {point.name} reaches other outputs too: add the sum over those.",
        _is_diagonal,
    )
    if point.found.shape == point.X.shape == np.shape(point.problem.dY) and passes(guess.holds, point):
        yield guess


def _is_diagonal(point: Point) -> bool:
    return point.equals(np.asarray(point.problem.dY) * point.diagonal())
