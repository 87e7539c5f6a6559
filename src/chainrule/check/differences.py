"""Gradients by differences, which know nothing of any backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

COMPLEX_STEP = 1e-30  # no subtraction takes place, so no step is too small
CENTRAL_STEP = 1e-5  # near the cube root of float64's eps, where truncation and rounding balance


def complex_step_gradient(function: Callable[[Any], Any], X: Any) -> Any:
    """Return the gradient of a scalar function at X, entry by entry: Im f(X + ih) / h."""
    gradient = np.empty(X.shape)
    for entry in np.ndindex(X.shape):
        moved = X.astype(complex)
        moved[entry] += COMPLEX_STEP * 1j
        gradient[entry] = np.imag(function(moved)) / COMPLEX_STEP
    return gradient


def central_slope(function: Callable[[Any], Any], X: Any, direction: Any) -> float:
    """Return the derivative of a scalar function at X along a direction: (f(X + hD) − f(X − hD)) / 2h."""
    ahead, behind = function(X + CENTRAL_STEP * direction), function(X - CENTRAL_STEP * direction)
    return float((ahead - behind) / (2 * CENTRAL_STEP))
