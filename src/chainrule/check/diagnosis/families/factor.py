"""A constant factor, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import Case
from chainrule.check.diagnosis.guess import Guess


def find_factor(case: Case) -> Iterator[Guess]:
    """Guess that the gradient is right up to a constant."""
    if case.found.shape != case.X.shape:
        return
    if _is_zero(case):
        yield Guess("factor", f"d{case.name} is 0 everywhere.", f"Compute and return d{case.name}.", _is_zero)
        return
    c = fit_factor(case.slopes, case.found_slopes)
    if c is not None and case.agrees(c * case.slopes):
        meaning, c = describe_factor(c, case)
        yield Guess(
            "factor",
            f"d{case.name} is the right gradient times {meaning}.",
            _repair(c, case),
            lambda p: p.agrees(c * p.slopes),
        )


def fit_factor(slopes: np.ndarray, wanted: np.ndarray) -> float | None:
    """Return the number that brings the slopes nearest to those wanted, if they are not 0."""
    size = float(slopes @ slopes)
    return float(slopes @ wanted) / size if size > 0 else None


def describe_factor(c: float, case: Case) -> tuple[str, float]:
    """Return the factor in words, and its exact value where a plain number or a size gives it."""
    for value, words in _named_factors(case):
        if abs(c - value) <= max(case.slack, 1e-7) * abs(value):
            return words, value
    return f"{c:.6g}", c


def _named_factors(case: Case) -> Iterator[tuple[float, str]]:
    if np.ndim(case.problem.dY) == 0 and case.problem.dY not in (0, 1):
        yield 1 / float(case.problem.dY), "1 / dY: dY is not used"
    yield from ((-1.0, "−1: the sign is wrong"), (2.0, "2"), (0.5, "1/2"), (-2.0, "−2"), (-0.5, "−1/2"))
    sizes: dict[int, str] = {}
    for array, name in ((case.Y, "Y"), (case.X, case.name)):
        for axis, size in enumerate(array.shape):
            sizes.setdefault(size, f"the size of axis {axis} of {name}" if axis else f"the number of rows of {name}")
        sizes.setdefault(array.size, f"the number of entries of {name}")
    for array in case.problem.inputs.values():
        if np.ndim(array) and np.asarray(array).dtype.kind == "f":
            sizes.setdefault(len(array), "the number of samples")
    for name, number in _list_settings(case.problem.inputs):
        if number:
            for value, words in ((number, name), (-number, f"−{name}"), (1 / number, f"1 / {name}")):
                yield value, f"{words} ({value:g})"
    for sign, minus in ((1, ""), (-1, "−")):
        for n, words in sizes.items():
            if n > 1:
                yield sign * n, f"{minus}{n}, {words}"
                yield sign / n, f"{minus}1/{n}, where {n} is {words}"
                yield sign * n**0.5, f"{minus}√{n}, where {n} is {words}"
                yield sign / n**0.5, f"{minus}1/√{n}, where {n} is {words}"
            if n > 2:
                other = f", or {n - 1} is {sizes[n - 1]}" if n - 1 in sizes else ""
                yield sign * (n - 1) / n, f"{minus}{n - 1}/{n}, where {n} is {words}: N − 1 stands for N{other}"
                yield sign * n / (n - 1), f"{minus}{n}/{n - 1}, where {n} is {words}: N stands for N − 1{other}"
            for m in sizes:
                if n % m and m % n:
                    yield sign * n / m, f"{minus}{n}/{m}, where {n} is {words} and {m} is {sizes[m]}"
    yield from ((c, f"{c:g}") for c in (3.0, 4.0, 0.25, 0.1, 0.01, 0.9))


def _list_settings(inputs: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the plain numbers among the inputs, and those in dictionaries of settings."""
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}['{key}']", number) for key, number in _list_settings(value))
        elif isinstance(value, float):
            yield name, value


def _repair(c: float, case: Case) -> str:
    if c == -1:
        return f"Change the sign of d{case.name}."
    if abs(c) > 1:
        return f"Divide d{case.name} by {c:.6g}."
    return f"Multiply d{case.name} by {1 / c:.6g}."


def _is_zero(case: Case) -> bool:
    return bool(np.max(np.abs(case.found)) <= 1e-14 * np.max(np.abs(case.slopes)))


FINDERS = {10: find_factor}
