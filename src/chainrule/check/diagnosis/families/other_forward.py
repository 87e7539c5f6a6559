"""Gradients of a forward that computes something else: backward and forward were written for different formulas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.families.operation import executed_once
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import describe_site, line_of, sites_of
from chainrule.check.model.target import copies
from chainrule.check.replay.arrays import to_numpy
from chainrule.check.replay.changes import pretend, replace
from chainrule.check.replay.tape import Change, Execution

Value = Callable[..., Any]


def first(a: Any, b: Any) -> Any:
    """Return the first argument, spread as the operation spreads it."""
    return a + 0 * b


def second(a: Any, b: Any) -> Any:
    """Return the second argument, spread as the operation spreads it."""
    return b + 0 * a


def transposed_second(a: Any, b: Any) -> Any:
    """Return the matrix product with the second matrix transposed."""
    return a @ b.T


def transposed_first(a: Any, b: Any) -> Any:
    """Return the matrix product with the first matrix transposed."""
    return a.T @ b


LOST: tuple[tuple[str, Value], ...] = (
    ("its second operand is missing", first),
    ("its first operand is missing", second),
)
SUM = ("a difference stands for the sum", np.subtract)
DIFFERENCE = ("a sum stands for the difference", np.add)
RATIO: tuple[tuple[str, Value], ...] = (
    ("a product stands for the quotient", np.multiply),
    ("the divisor stands twice", lambda a, b: a / (b * b)),
)
PRODUCT: tuple[tuple[str, Value], ...] = (
    ("a quotient stands for the product", np.divide),
    ("its second operand stands twice", lambda a, b: a * b * b),
)
POWER: tuple[tuple[str, Value], ...] = (
    ("the exponent is 1 too small", lambda a, n: a ** (n - 1)),
    ("the exponent is 1 too large", lambda a, n: a ** (n + 1)),
    ("base and exponent are exchanged: that is the rule of the other power", lambda a, n: n**a),
)
MATMUL: tuple[tuple[str, Value], ...] = (
    ("its second matrix is transposed", transposed_second),
    ("its first matrix is transposed", transposed_first),
)
ELSE: dict[str, tuple[tuple[str, Value], ...]] = {
    "add": (*LOST, SUM),
    "subtract": (*LOST, DIFFERENCE),
    "multiply": (*LOST, *PRODUCT),
    "divide": (*LOST, *RATIO),
    "power": POWER,
    "matmul": MATMUL,
    "square": (("the square is missing", lambda a: a),),
    "sqrt": (("the root is missing", lambda a: a),),
    "negative": (("the sign is missing", lambda a: a),),
    "exp": (("the exponential is missing", lambda a: a),),
}


def find_other_forward(case: Case) -> Iterator[Guess]:
    """Guess that the backward belongs to a forward in which one operation is another."""
    if case.found.shape != case.X.shape:
        return
    once = executed_once(case)
    for site in sites_of(case):
        for words, value in _alternatives(once[site]) if site in once else ():
            for change, what in ((replace(value), "the gradient of a forward"), (pretend(value), "a gradient")):
                guess = Guess(
                    "other forward",
                    f"d{case.name} is {what} in which, at {describe_site(case, site)}, {words}.",
                    "Use what the forward computes there.",
                    _is_changed(site, change),
                    line_of(case, site),
                )
                if passes(guess.holds, case):
                    yield guess


def _is_changed(site: Any, change: Change) -> Test:
    return lambda case: case.fits({site: change})


def _alternatives(execution: Execution) -> Iterator[tuple[str, Value]]:
    """Yield what may stand in the place of an operation, in words and as a function of its arguments."""
    yield from ELSE.get(execution.site.operation, ())
    if execution.site.operation not in ("sum", "add.reduce", "mean"):
        return
    count = to_numpy(execution.arguments[0]).size / max(1, to_numpy(execution.result).size)
    call = execution.call
    if execution.site.operation != "mean":
        yield "a mean stands for the sum", lambda *arguments: call(*arguments) / count
    else:
        yield "a sum stands for the mean", lambda *arguments: call(*arguments) * count


def find_unused(case: Case) -> Iterator[Guess]:
    """Guess that the forward does not use the input at all, so that its gradient is 0."""
    name = case.name
    guess = Guess(
        "unused",
        f"forward never uses {name}: Y stays the same whatever {name} is, so that its gradient is 0, where backward "
        f"returns another.",
        f"Look at forward first: it seems to forget {name}. If that is meant, return 0 for d{name}.",
        _is_unused,
        of_sizes=True,
    )
    if passes(guess.holds, case):
        yield guess


def _is_unused(case: Case) -> bool:
    moved = np.random.default_rng(case.seed).normal(0, 3, case.X.shape) + 2 * case.X + 1
    Y = np.asarray(case.problem.forward(**copies({**case.problem.inputs, case.name: moved})))
    return bool(np.any(case.found)) and Y.shape == case.Y.shape and np.array_equal(Y, case.Y)


FINDERS = {5: find_unused, 170: find_other_forward}
