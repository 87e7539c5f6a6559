"""Functions that NumPy lacks, elementwise. Generated code carries a copy of their source, so each stands alone.

A complex step goes through them: where x is complex it has a tiny imaginary part, and f(a + ib) = f(a) + ib f'(a).
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np


def erf(x: Any) -> Any:
    """The error function, elementwise, in the type of x."""
    return np.frompyfunc(math.erf, 1, 1)(x).astype(x.dtype)


def erfc(x: Any) -> Any:
    """1 - erf(x), elementwise, in the type of x; without loss where x is large."""
    return np.frompyfunc(math.erfc, 1, 1)(x).astype(x.dtype)


def lgamma(x: Any) -> Any:
    """log |Γ(x)|, elementwise, in the type of x; inf at 0, -1, -2, …"""
    pole = (x <= 0) & (np.floor(x) == x)
    return np.where(pole, np.inf, np.frompyfunc(math.lgamma, 1, 1)(np.where(pole, 1, x))).astype(x.dtype)


def digamma(x: Any) -> Any:
    """The derivative of log Γ: ψ(x) = ψ(x + 1) - 1/x up to 10, then its asymptotic series; nan at 0, -1, -2, …

    Far below 0 it is mirrored, ψ(x) = ψ(1 - x) - π / tan(πx), for a billion steps take minutes.
    """
    x = np.asarray(x)

    def value(t: Any) -> float:
        if t < -1000:
            return value(1 - t) - math.pi / math.tan(math.pi * (t % 1)) if t % 1 else math.nan
        parts = []
        while t < 10:
            if t == 0:
                return math.nan
            parts.append(-1 / t)
            t += 1
        u = 1 / (t * t)
        tail = u * (1 / 12 - u * (1 / 120 - u * (1 / 252 - u * (1 / 240 - u * (1 / 132 - u * (691 / 32760 - u / 12))))))
        return math.fsum([*parts, math.log(t), -0.5 / t, -tail])

    return np.asarray(np.frompyfunc(value, 1, 1)(x.astype(float)), dtype=x.dtype)


def trigamma(x: Any) -> Any:
    """The derivative of digamma, in the same way; mirrored it is (π / sin(πx))² less that of 1 - x."""
    x = np.asarray(x)

    def value(t: Any) -> float:
        if t < -1000:
            return (math.pi / math.sin(math.pi * (t % 1))) ** 2 - value(1 - t) if t % 1 else math.nan
        parts = []
        while t < 10:
            if t == 0:
                return math.nan
            parts.append(1 / (t * t))
            t += 1
        u = 1 / (t * t)
        tail = u * (1 / 6 - u * (1 / 30 - u * (1 / 42 - u * (1 / 30 - u * (5 / 66 - u * (691 / 2730 - u * 7 / 6))))))
        return math.fsum([*parts, 1 / t, 0.5 * u, tail / t])

    return np.asarray(np.frompyfunc(value, 1, 1)(x.astype(float)), dtype=x.dtype)


def stepped(function: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function of real numbers, made to let a complex step through."""

    def values(x: Any) -> Any:
        real = np.asarray(np.real(x))
        value = function(np.atleast_1d(real)).reshape(real.shape)
        return value + 1j * np.imag(x) * slope(np.atleast_1d(real)).reshape(real.shape) if np.iscomplexobj(x) else value

    return values


def erf_slope(x: Any) -> Any:
    """2/√π exp(-x²)."""
    return 2 / math.sqrt(math.pi) * np.exp(-(x**2))
