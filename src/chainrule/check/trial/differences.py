"""Gradients by differences, which know nothing of any backward."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

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


class Slope(NamedTuple):
    """A derivative along a direction, and how far it may be from the true one."""

    value: float
    error: float


def extrapolated_slope(function: Callable[[float], float], step: float, noise: float) -> Slope:
    """Return the derivative of a function of one number at 0, by the steps that the function itself favours.

    Central differences at step, step/4, step/16, … are extrapolated pair by pair (Richardson), which removes the term
    in step². Of neighbours that agree best the finer one is taken. `noise` is the rounding error of a value.
    """
    steps = step * 0.25 ** np.arange(10)
    central = [(function(h) - function(-h)) / (2 * h) for h in steps]
    refined = [(16 * fine - coarse) / 15 for coarse, fine in pairwise(central)]
    errors = [abs(b - a) + noise / h for (a, b), h in zip(pairwise(refined), steps[2:], strict=True)]
    best = int(np.nanargmin(errors)) if np.isfinite(errors).any() else 0
    return Slope(float(refined[best + 1]), float(errors[best]))


def kink(function: Callable[[float], float], step: float, noise: float) -> bool:
    """Tell whether the slopes on both sides of 0 differ: a smooth function's difference shrinks with the step."""
    middle = function(0.0)
    coarse, fine = ((function(h) + function(-h) - 2 * middle) / h for h in (step, step / 100))
    return bool(abs(fine) > max(abs(coarse) / 10, 100 * noise / (step / 100)))
