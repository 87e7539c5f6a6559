"""How far two right results may lie apart; the one place that says so."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

PYTORCH = 1e-10  # agreement with PyTorch in float64, relative to the largest entry
ROUNDINGS = 256  # of one term, on the longest chains of operations: a norm within a network
UNDECIDED = 0.01  # a truth less certain than this share of the gradient tells right from wrong no more
SAFETY = 10  # how much worse a difference may be than its own estimate of its error


def tolerance(dtype: Any, terms: int, step: float | None = None) -> float:
    """Return the error, relative to the largest entry, of a result that is a sum of `terms` rounded terms.

    Each term carries a few roundings (16 are allowed for the longest chains, the norms'). A central difference of this
    step adds its truncation, a multiple of step², and the rounding of its two values, divided by the step.
    """
    rounding = 16 * terms * float(np.finfo(dtype).eps)
    return rounding if step is None else rounding / step + 16 * terms * step**2


def expected_rounding(eps: float, terms: int) -> float:
    """Return the relative error of a sum of `terms` terms whose roundings are independent: it grows as √terms."""
    return ROUNDINGS * math.sqrt(max(terms, 1)) * eps


def noise_floor(eps: float, dY: Any, Y: Any, X: Any) -> float:
    """Return the size below which an entry of dX is rounding alone.

    A gradient that is exactly 0 comes out as a difference of terms of the size |dY| |Y| / |X|, each of them rounded.
    """
    largest = float(np.max(np.abs(X), initial=0)) or 1.0
    return ROUNDINGS * eps * float(np.linalg.norm(np.asarray(dY * Y))) / largest


def relative_error(found: Any, expected: Any) -> float:
    """Return the largest difference of two arrays of one shape, relative to the largest expected entry (or 1)."""
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    return float(np.max(np.abs(np.asarray(found) - expected), initial=0)) / scale
