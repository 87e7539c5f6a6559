"""The derivative of another function: x^e for e^x, ln for log2, cos for sin; or the right one at another place.

A passage is an operation, or a few of them in one line or one function, through which an array goes entry by entry:
1 / (1 + exp(−z)) is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.families.operation import executed_once, list_passed
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import describe_site, line_of
from chainrule.check.model.problem import Array
from chainrule.check.replay.arrays import to_numpy
from chainrule.check.replay.changes import slope
from chainrule.check.replay.tape import Changes, Execution, Site

E = float(np.e)
UNARY = {
    "exp", "exp2", "tanh", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "log1p", "expm1", "square", "absolute",
    "reciprocal", "power", "pow", "sinh", "cosh", "arctan", "cbrt", "sigmoid", "relu", "abs", "neg", "sign",
}  # fmt: skip
RECTIFIERS = {"maximum", "clamp", "clip", "relu", "where", "clamp_min"}
MOST_ENTRIES = 100  # of a rectifier's output, whose cotangent is found entry by entry
DERIVATIVES: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
    ("exp", "exp(x)", np.exp),
    ("x^e", "e · x^(e − 1)", lambda x: E * x ** (E - 1)),
    ("x · exp", "x · exp(x − 1)", lambda x: x * np.exp(x - 1)),
    ("2^x", "2^x · ln 2", lambda x: 2**x * np.log(2)),
    ("2^x without ln 2", "2^x", lambda x: 2.0**x),
    ("the natural logarithm", "1 / x", lambda x: _if_positive(x, 1 / x)),
    ("log2", "1 / (x ln 2)", lambda x: _if_positive(x, 1 / (x * np.log(2)))),
    ("log10", "1 / (x ln 10)", lambda x: _if_positive(x, 1 / (x * np.log(10)))),
    ("log1p", "1 / (1 + x)", lambda x: _if_positive(1 + x, 1 / (1 + x))),
    ("sin", "cos x", np.cos),
    ("−sin", "−cos x", lambda x: -np.cos(x)),
    ("cos", "−sin x", lambda x: -np.sin(x)),
    ("−cos", "sin x", np.sin),
    ("tan", "1 / cos² x", lambda x: 1 / np.cos(x) ** 2),
    ("tanh", "1 − tanh² x", lambda x: 1 - np.tanh(x) ** 2),
    ("sigmoid", "σ(x) (1 − σ(x))", lambda x: _sigmoid(x) * (1 - _sigmoid(x))),
    ("softplus", "σ(x)", lambda x: _sigmoid(x)),
    ("the square root", "1 / (2 √x)", lambda x: 0.5 / np.sqrt(x)),
    ("a square root without its 1/2", "1 / √x", lambda x: 1 / np.sqrt(x)),
    ("x²", "2 x", lambda x: 2 * x),
    ("x³", "3 x²", lambda x: 3 * x * x),
    ("1 / x", "−1 / x²", lambda x: -1 / (x * x)),
    ("relu", "1 where x > 0, else 0", lambda x: (x > 0) * 1.0),
    ("|x|", "the sign of x", np.sign),
    ("sinh", "cosh x", np.cosh),
    ("cosh", "sinh x", np.sinh),
    ("arctan", "1 / (1 + x²)", lambda x: 1 / (1 + x * x)),
    ("arcsin", "1 / √(1 − x²)", lambda x: 1 / np.sqrt(1 - x * x)),
)


Derivative = Callable[[Array, Array], Array]  # of the argument and the result
AT_ANOTHER_PLACE: tuple[tuple[str, str, Derivative], ...] = (
    ("x (1 − x)", "that of a sigmoid as a formula of its output, taken at its input x", lambda x, y: x * (1 - x)),
    ("1 − x²", "that of tanh as a formula of its output, taken at its input x", lambda x, y: 1 - x * x),
    ("σ(y) (1 − σ(y))", "that of a sigmoid, taken at its output y", lambda x, y: _sigmoid(y) * (1 - _sigmoid(y))),
    ("1 − tanh² y", "that of tanh, taken at its output y", lambda x, y: 1 - np.tanh(y) ** 2),
    ("1", "it is left out", lambda x, y: np.ones_like(x)),
    ("y", "the output alone", lambda x, y: y),
    ("y (1 − y)", "that of a sigmoid of output y", lambda x, y: y * (1 - y)),
    ("1 − y²", "that of tanh of output y", lambda x, y: 1 - y * y),
    ("1 − y", "a factor y is missing, or a square", lambda x, y: 1 - y),
)


def find_other_derivative(case: Case) -> Iterator[Guess]:
    """Guess that an operation, or the whole of the forward, was given the derivative of another function."""
    if case.found.shape != case.X.shape:
        return
    if case.X.shape == np.shape(case.problem.dY):
        for name, formula, derivative in DERIVATIVES:
            guess = Guess(
                "operation",
                f"d{case.name} is dY times {formula} at x = {case.name}, the derivative of {name}, which is another "
                "function than forward's.",
                "Multiply dY by the derivative of what forward computes.",
                _is_whole(derivative),
            )
            if passes(guess.holds, case):
                yield guess
    yield from _list_masks(case)
    for passage in list_passages(case):
        for words, of_both in _list_derivatives(passage):
            guess = Guess(
                "operation",
                f"d{case.name} is the gradient in which {describe_site(case, passage.last)} has {words}.",
                "Multiply by that operation's own derivative.",
                _has_derivative(passage, of_both),
                line_of(case, passage.last),
            )
            if passes(guess.holds, case):
                yield guess


def _list_masks(case: Case) -> Iterator[Guess]:
    """Yield the guesses that a rectifier lets through what arrives above 0, not what went in above 0."""
    for site, execution in list_passed(case).items():
        result = to_numpy(execution.result)
        if site.operation not in RECTIFIERS or result.size > MOST_ENTRIES:
            continue
        for words, is_both in (("where the gradient that arrives is positive", False), ("where both are", True)):
            guess = Guess(
                "operation",
                f"d{case.name} is the gradient in which {describe_site(case, site)} lets through what arrives {words}, "
                "not where its argument is.",
                "Compare the argument with 0, or the output, and not the gradient.",
                _has_mask(site, _find_array(execution.arguments), is_both),
                line_of(case, site),
            )
            if passes(guess.holds, case):
                yield guess


def _has_mask(site: Site, k: int, is_both: bool) -> Test:
    def holds(case: Case) -> bool:
        execution = executed_once(case)[site]
        x = to_numpy(execution.arguments[k])
        mask = (case.find_cotangent(site) > 0) & (
            (to_numpy(execution.result) != 0) if is_both else np.ones_like(x, bool)
        )
        return case.fits({site: slope(mask * 1.0, k)})

    return holds


def _list_derivatives(passage: Passage) -> Iterator[tuple[str, Derivative]]:
    """Yield derivatives in words; of a single operation, an array in place of its own is told elsewhere."""
    for formula, words, derivative in AT_ANOTHER_PLACE if passage.first != passage.last else ():
        yield f"the derivative {formula}, {words}", derivative
    for name, formula, of_argument in DERIVATIVES:
        yield f"the derivative of {name}, {formula}", lambda x, y, own=of_argument: own(x)  # type: ignore[misc]


@dataclass(frozen=True)
class Passage:
    """The first and the last operation that an array goes through; it is the first one's argument k."""

    first: Site
    last: Site
    k: int = 0


def list_passages(case: Case) -> Iterator[Passage]:
    """Yield single operations of one array, then those that stand in one line or one function."""
    once = list_passed(case)
    yield from (Passage(site, site) for site in once if site.operation in UNARY)
    for key in (lambda site: (site.line, site.caller), lambda site: site.caller or -site.line):
        for _, same in groupby(once, key):
            sites = list(same)
            for start, site in enumerate(sites[:-1]):
                k = _find_array(once[site].arguments)
                shape = np.shape(once[site].arguments[k])
                if shape and all(np.shape(once[each].result) == shape for each in sites[start:]):
                    yield Passage(site, sites[-1], k)
                    break


def _find_array(arguments: tuple[Any, ...]) -> int:
    return max(range(len(arguments)), key=lambda k: np.ndim(arguments[k]))


def _is_whole(derivative: Callable[[Array], Array]) -> Test:
    return lambda case: case.equals(np.asarray(case.problem.dY) * derivative(case.X))


def _has_derivative(passage: Passage, derivative: Derivative) -> Test:
    def holds(case: Case) -> bool:
        once = executed_once(case)
        x, y = (
            to_numpy(a).astype(float) for a in (once[passage.first].arguments[passage.k], once[passage.last].result)
        )
        return case.fits(_replace_slope(passage, derivative(x, y)))

    return holds


def _replace_slope(passage: Passage, derivative: Array) -> Changes:
    """Return the changes that give a passage another derivative."""
    if passage.first == passage.last:
        return {passage.first: slope(derivative)}
    step: list[Any] = [0.0]

    def note(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        step[0] = arguments[passage.k] - execution.arguments[passage.k]
        return result

    return {passage.first: note, passage.last: lambda execution, _, result: execution.result + derivative * step[0]}


def _if_positive(x: Array, derivative: Array) -> Array:
    """Return the derivative of a logarithm, which there is of positive numbers alone."""
    return np.where(x > 0, derivative, np.nan)


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


FINDERS = {165: find_other_derivative}
