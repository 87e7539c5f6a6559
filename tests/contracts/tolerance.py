"""Comparing arrays within a computed tolerance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.model.tolerance import relative_error
from chainrule.check.trial.differences import CENTRAL_STEP


def assert_close(found: Any, expected: Any, bound: float, what: str) -> None:
    """Fail unless both have one shape and differ by no more than `bound` times the largest expected entry (or 1)."""
    assert np.shape(found) == np.shape(expected), f"{what}: shape {np.shape(found)}, expected {np.shape(expected)}"
    error = relative_error(found, expected)
    assert error <= bound, f"{what}: relative error {error:.1e}, allowed {bound:.1e}"


def central_slope(function: Callable[[Any], Any], X: Any, direction: Any) -> float:
    """Return the derivative of a scalar function at X along a direction: (f(X + hD) − f(X − hD)) / 2h."""
    ahead, behind = function(X + CENTRAL_STEP * direction), function(X - CENTRAL_STEP * direction)
    return float((ahead - behind) / (2 * CENTRAL_STEP))
