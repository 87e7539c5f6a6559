"""The derivative of another function: x^e for e^x, ln for log2, cos for sin."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.families.operation import executed_once
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import describe_site, line_of
from chainrule.check.model.problem import Array
from chainrule.check.replay.changes import slope
from chainrule.check.replay.tape import Site

E = float(np.e)
UNARY = {
    "exp", "exp2", "tanh", "log", "log2", "log10", "sqrt", "sin", "cos", "tan", "log1p", "expm1", "square", "absolute",
    "reciprocal", "power", "pow", "sinh", "cosh", "arctan", "cbrt", "sigmoid", "relu", "abs", "neg", "sign",
}  # fmt: skip
DERIVATIVES: tuple[tuple[str, str, Callable[[Array], Array]], ...] = (
    ("exp", "exp(x)", np.exp),
    ("x^e", "e · x^(e − 1)", lambda x: E * x ** (E - 1)),
    ("x · exp", "x · exp(x − 1)", lambda x: x * np.exp(x - 1)),
    ("2^x", "2^x · ln 2", lambda x: 2**x * np.log(2)),
    ("2^x without ln 2", "2^x", lambda x: 2.0**x),
    ("the natural logarithm", "1 / x", lambda x: 1 / x),
    ("log2", "1 / (x ln 2)", lambda x: 1 / (x * np.log(2))),
    ("log10", "1 / (x ln 10)", lambda x: 1 / (x * np.log(10))),
    ("log1p", "1 / (1 + x)", lambda x: 1 / (1 + x)),
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
    for site in executed_once(case):
        if site.operation not in UNARY:
            continue
        for name, formula, derivative in DERIVATIVES:
            guess = Guess(
                "operation",
                f"d{case.name} is the gradient in which {describe_site(case, site)} has the derivative of {name}, "
                f"{formula}.",
                "Multiply by that operation's own derivative.",
                _has_derivative(site, derivative),
                line_of(case, site),
            )
            if passes(guess.holds, case):
                yield guess


def _is_whole(derivative: Callable[[Array], Array]) -> Test:
    return lambda case: case.equals(np.asarray(case.problem.dY) * derivative(case.X))


def _has_derivative(site: Site, derivative: Callable[[Array], Array]) -> Test:
    def holds(case: Case) -> bool:
        argument = executed_once(case)[site].arguments[0]
        return case.fits({site: slope(derivative(np.asarray(argument, float)))})

    return holds


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


FINDERS = {165: find_other_derivative}
