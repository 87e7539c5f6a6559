"""A constant factor, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import Case
from chainrule.check.diagnosis.guess import Guess

CONSTANTS = (
    (float(np.log(2)), "ln 2"), (float(np.log(10)), "ln 10"), (float(np.pi), "π"), (float(2 * np.pi), "2π"),
    (float(np.sqrt(2)), "√2"), (float(np.sqrt(np.pi)), "√π"), (float(np.sqrt(2 * np.pi)), "√(2π)"),
    (float(np.sqrt(2 / np.pi)), "√(2/π)"), (float(2 / np.sqrt(np.pi)), "2/√π"),
)  # fmt: skip
NEAR_ONE = 1e-4  # a factor so near to 1 is no factor that anybody wrote


@dataclass(frozen=True)
class Meaning:
    """What a factor may be: `key` tells it at every size, `value` and `words` say it at one.

    `inverse` is by what to multiply, in words, where the factor is no plain number.
    """

    key: str
    value: float
    words: str
    inverse: str = ""


def find_factor(case: Case) -> Iterator[Guess]:
    """Guess that the gradient is right up to a constant, or up to a power of a size."""
    if case.found.shape != case.X.shape:
        return
    if _is_zero(case):
        yield Guess("factor", f"d{case.name} is 0 everywhere.", f"Compute and return d{case.name}.", _is_zero)
        return
    c = fit_factor(case.slopes, case.found_slopes)
    if c is None or not case.agrees(c * case.slopes):
        return
    meanings = list(list_meanings(c, case))
    for meaning in meanings:
        also = [m.words for m in meanings if m is not meaning and m.inverse] if case.is_alone else []
        doubt = f", or {also[0]}: at other sizes it could not be run to tell" if also and not meaning.inverse else ""
        yield Guess(
            "factor",
            f"d{case.name} is the right gradient times {meaning.words}{doubt}.",
            repair_factor(meaning, case.name) if not doubt else f"Take away what gives d{case.name} this factor.",
            _is_scaled(meaning.key),
            of_sizes=True,
        )


def _is_scaled(key: str) -> Callable[[Case], bool]:
    def holds(case: Case) -> bool:
        c = evaluate_meaning(key, case)
        return c is not None and case.agrees(c * case.slopes)

    return holds


def fit_factor(slopes: np.ndarray, wanted: np.ndarray) -> float | None:
    """Return the number that brings the slopes nearest to those wanted, if they are not 0."""
    size = float(slopes @ slopes)
    return float(slopes @ wanted) / size if size > 0 else None


def list_meanings(c: float, case: Case) -> Iterator[Meaning]:
    """Yield what a factor may mean, the plainest first, and at last the number that it is."""
    for meaning in _named_factors(case):
        if abs(c - meaning.value) <= max(case.slack, 1e-11) * abs(meaning.value):
            yield meaning
    if abs(c - 1) < NEAR_ONE:
        yield Meaning(repr(c), c, f"1 {'+' if c > 1 else '−'} {abs(c - 1):.2g}: digits are lost on the way")
    else:
        yield Meaning(repr(c), c, f"{c:.6g}")


def list_plain_meanings(case: Case) -> Iterator[Meaning]:
    """Yield the factors that stand in front most often: a sign, 2, 1/2, the number of samples or of outputs."""
    wanted = {"-1.0", "2.0", "0.5", "n:Y0", "1/n:Y0", "n:Y1", "1/n:Y1", "1/n:Y*"}
    yield from (meaning for meaning in _named_factors(case) if meaning.key in wanted)


def evaluate_meaning(key: str, case: Case) -> float | None:
    """Return the factor of this meaning at another case; None where there is none."""
    named = next((meaning.value for meaning in _named_factors(case, every=True) if meaning.key == key), None)
    if named is None:
        try:
            return float(key)
        except ValueError:
            return None
    return named


def _named_factors(case: Case, every: bool = False) -> Iterator[Meaning]:
    """Yield what a factor may be; `every` with quotients of sizes that are whole numbers here, and elsewhere not."""
    if np.ndim(case.problem.dY) == 0 and case.problem.dY not in (0, 1):
        yield Meaning("1/dY", 1 / float(case.problem.dY), "1 / dY: dY is not used", "dY, the gradient that arrives")
    plain = ((-1.0, "−1: the sign is wrong"), (2.0, "2"), (0.5, "1/2"), (-2.0, "−2"), (-0.5, "−1/2"))
    yield from (Meaning(repr(value), value, words) for value, words in plain)
    for name, number in (*list_settings(case.problem.inputs), *case.problem.numbers.items()):
        if number and abs(number) != 1:
            for value, words, inverse in (
                (number, name, f"1 / {name}"), (-number, f"−{name}", f"−1 / {name}"), (1 / number, f"1 / {name}", name),
            ):  # fmt: skip
                yield Meaning(words, value, f"{words} ({value:g})", inverse)
            if isinstance(number, int):  # of the side of a window, its area
                yield Meaning(f"{name}²", number**2, f"{name}² ({number**2})", f"1 / {name}²")
                yield Meaning(f"1 / {name}²", 1 / number**2, f"1 / {name}² ({1 / number**2:g})", f"{name}²")
    yield from _size_factors(case, every)
    yield from (Meaning(repr(c), c, f"{c:g}") for c in (3.0, 4.0, 0.25, 0.1, 0.01, 0.9))
    for c, words in CONSTANTS:
        yield Meaning(words, c, words, f"1 / ({words})" if "/" in words else f"1 / {words}")
        yield Meaning(f"1/{words}", 1 / c, f"1 / ({words})" if "/" in words else f"1 / {words}", words)


def _size_factors(case: Case, every: bool) -> Iterator[Meaning]:
    """Yield what sizes give: n, 1/n, √n, n/2, (n − 1)/n, n/m, with either sign."""
    sizes = _list_sizes(case)
    for sign, minus in ((1, ""), (-1, "−")):
        for key, (n, words) in sizes.items():
            if n > 1:
                yield from _powers_of(sign, minus, key, n, words)
            if n > 2:
                other = next((f", or {n - 1} is {said}" for m, said in sizes.values() if m == n - 1), "")
                yield Meaning(
                    f"{minus}(n-1)/n:{key}", sign * (n - 1) / n,
                    f"{minus}{n - 1}/{n}, where {n} is {words}: N − 1 stands for N{other}",
                    f"{minus}{n}/{n - 1}, where {n} is {words}",
                )  # fmt: skip
                yield Meaning(
                    f"{minus}n/(n-1):{key}", sign * n / (n - 1),
                    f"{minus}{n}/{n - 1}, where {n} is {words}: N stands for N − 1{other}",
                    f"{minus}{n - 1}/{n}, where {n} is {words}",
                )  # fmt: skip
            for another, (m, said) in sizes.items():
                if every or (n % m and m % n):
                    yield Meaning(
                        f"{minus}n/m:{key}:{another}", sign * n / m,
                        f"{minus}{n}/{m}, where {n} is {words} and {m} is {said}",
                        f"{minus}{m}/{n}, where {m} is {said} and {n} is {words}",
                    )  # fmt: skip


def _powers_of(sign: int, minus: str, key: str, n: int, words: str) -> Iterator[Meaning]:
    forms = (
        ("n", n, f"{n}", f"1/{n}"), ("1/n", 1 / n, f"1/{n}", f"{n}"),
        ("√n", n**0.5, f"√{n}", f"1/√{n}"), ("1/√n", n**-0.5, f"1/√{n}", f"√{n}"),
        ("n/2", n / 2, f"{n}/2", f"2/{n}"), ("2/n", 2 / n, f"2/{n}", f"{n}/2"),
        ("2n", 2 * n, f"2 · {n}", f"1/(2 · {n})"),
        ("1/2n", 0.5 / n, f"1/(2 · {n})", f"2 · {n}"), ("n²", n**2, f"{n}²", f"1/{n}²"),
        ("1/n²", 1 / n**2, f"1/{n}²", f"{n}²"),
    )  # fmt: skip
    for form, value, said, inverse in forms:
        told, taken = (words if said_so == str(n) else f"where {n} is {words}" for said_so in (said, inverse))
        yield Meaning(f"{minus}{form}:{key}", sign * value, f"{minus}{said}, {told}", f"{minus}{inverse}, {taken}")


def _list_sizes(case: Case) -> dict[str, tuple[int, str]]:
    """Return sizes in words, by what tells them at every size; of two that are equal here, both."""
    sizes: dict[str, tuple[int, str]] = {}
    for array, name in ((case.Y, "Y"), (case.X, case.name)):
        for axis, size in enumerate(array.shape):
            words = f"the size of axis {axis} of {name}" if axis else f"the number of rows of {name}"
            sizes[f"{name}{axis}"] = size, words
        sizes[f"{name}*"] = array.size, f"the number of entries of {name}"
    arrays = {n: a for n, a in case.problem.inputs.items() if np.ndim(a) and np.asarray(a).dtype.kind == "f"}
    for k, (name, array) in enumerate(arrays.items()):
        sizes[f"len {name}"] = len(array), f"the number of rows of {name}" if k else "the number of samples"
    return sizes


def list_settings(inputs: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the plain numbers among the inputs, and those in dictionaries of settings."""
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}['{key}']", number) for key, number in list_settings(value))
        elif type(value) in (float, int):
            yield name, value


def repair_factor(meaning: Meaning, name: str) -> str:
    """Say what takes a factor away again."""
    c = meaning.value
    if c == -1:
        return f"Change the sign of d{name}."
    if abs(c - 1) < NEAR_ONE:
        return "Look for a constant with few digits, or for float32 on the way."
    if meaning.inverse:
        return f"Multiply d{name} by {meaning.inverse}."
    if abs(c) > 1:
        return f"Divide d{name} by {c:.6g}."
    return f"Multiply d{name} by {1 / c:.6g}."


def _is_zero(case: Case) -> bool:
    return bool(np.max(np.abs(case.found)) <= 1e-14 * np.max(np.abs(case.slopes)))


FINDERS = {10: find_factor}
