"""How far two right results may lie apart; the one place that says so."""

from __future__ import annotations

from typing import Any

import numpy as np

PYTORCH = 1e-10  # agreement with PyTorch in float64, relative to the largest entry


def tolerance(dtype: Any, terms: int, step: float | None = None) -> float:
    """Return the error, relative to the largest entry, of a result that is a sum of `terms` rounded terms.

    Each term carries a few roundings (16 are allowed for the longest chains, the norms'). A central difference of this
    step adds its truncation, a multiple of step², and the rounding of its two values, divided by the step.
    """
    rounding = 16 * terms * float(np.finfo(dtype).eps)
    return rounding if step is None else rounding / step + 16 * terms * step**2


def relative_error(found: Any, expected: Any) -> float:
    """Return the largest difference of two arrays of one shape, relative to the largest expected entry (or 1)."""
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    return float(np.max(np.abs(np.asarray(found) - expected), initial=0)) / scale
