"""Gradients by differences, which know nothing of any backward."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

COMPLEX_STEP = 1e-30  # no subtraction takes place, so no step is too small
CENTRAL_STEP = 1e-5  # near the cube root of float64's eps, where truncation and rounding balance
STEPS = 10  # at most, each a quarter of the one before
NEAR_STEP = 3e-8  # twice √eps of float64: there a curvature of ordinary size is lost in rounding, and a kink is not


def complex_step_gradient(function: Callable[[Any], Any], X: Any) -> Any:
    """Return the gradient of a scalar function at X, entry by entry: Im f(X + ih) / h."""
    gradient = np.empty(X.shape)
    for entry in np.ndindex(X.shape):
        moved = X.astype(complex)
        moved[entry] += COMPLEX_STEP * 1j
        gradient[entry] = np.imag(function(moved)) / COMPLEX_STEP
    return gradient


class Slope(NamedTuple):
    """A derivative along a direction, and how far it may be from the true one."""

    value: float
    error: float


def extrapolated_slope(function: Callable[[float], float], step: float, noise: float) -> Slope:
    """Return the derivative of a function of one number at 0, by the steps that the function itself favours.

    Central differences at step, step/4, step/16, … are extrapolated pair by pair (Richardson), which removes the term
    in step². Of neighbours that agree best the finer one is taken. `noise` is the rounding error of a value: where it
    alone leaves more error than the best so far, no finer step can be better, and none is tried.
    """
    central: list[float] = []
    refined: list[float] = []
    best: Slope | None = None
    for h in step * 0.25 ** np.arange(STEPS):
        if best is not None and noise / h >= best.error:
            break
        central.append((function(h) - function(-h)) / (2 * h))
        if len(central) > 1:
            refined.append((16 * central[-1] - central[-2]) / 15)
        if len(refined) > 1:
            error = float(abs(refined[-1] - refined[-2]) + noise / h)
            if best is None or (np.isfinite(error) and not error >= best.error):
                best = Slope(float(refined[-1]), error)
    assert best is not None
    return best


def near_slope(function: Callable[[float], float], noise: float) -> Slope:
    """Return the central difference at NEAR_STEP of a function of one number; rounding alone is its error."""
    return Slope((function(NEAR_STEP) - function(-NEAR_STEP)) / (2 * NEAR_STEP), noise / NEAR_STEP)


def has_kink(function: Callable[[float], float], step: float, noise: float) -> bool:
    """Tell whether the slopes of a function on both sides of 0 differ, at which it is 0.

    A smooth function's difference shrinks with the step. Where a fine one is rounding alone, one step is enough.
    """

    def difference(h: float) -> float:
        return abs((function(h) + function(-h)) / h)

    def is_smooth_at(h: float) -> bool:
        return difference(h) <= 100 * noise / h

    if is_smooth_at(NEAR_STEP) or is_smooth_at(step / 100):
        return False
    return difference(step / 100) > difference(step) / 10
