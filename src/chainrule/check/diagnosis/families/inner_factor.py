"""A wrong factor in the middle of the chain: at one operation, an array is missing or one too many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import UNREPLAYABLE, Case, passes
from chainrule.check.diagnosis.families.factor import evaluate_meaning, fit_factor, list_meanings
from chainrule.check.diagnosis.families.operation import executed_once, list_looped, list_passed
from chainrule.check.diagnosis.families.product import Form, broadcastable
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import Known, describe_site, line_of, list_known, sites_of
from chainrule.check.replay.arrays import to_numpy
from chainrule.check.replay.changes import scale, scale_argument, slope
from chainrule.check.replay.tape import Change, Execution, Site

UNARY = {"exp", "tanh", "log", "sqrt", "sin", "cos", "log1p", "expm1", "square", "negative", "absolute", "reciprocal"}
BINARY = {"add", "subtract", "multiply", "divide"}


def find_operand(case: Case) -> Iterator[Guess]:
    """Guess that what goes back into one operand of an operation has a wrong factor or sign."""
    if case.found.shape != case.X.shape:
        return
    for site in (*list_passed(case), *list_looped(case)):
        for k, operand in enumerate(("first", "second")) if site.operation in BINARY else ():
            c = _fit_operand(case, site, k)
            left_out = [("0.0", "0: it is left out")] if c == 0 else []
            meanings = [(meaning.key, meaning.words) for meaning in list_meanings(c, case)] if c else []
            for key, words in (*left_out, *meanings):
                yield Guess(
                    "term",
                    f"In d{case.name}, what goes back into the {operand} operand of {describe_site(case, site)} is "
                    f"multiplied by {words}.",
                    "Give that part its right factor and sign.",
                    _is_scaled(site, k, key),
                    line_of(case, site),
                )


def _fit_operand(case: Case, site: Site, k: int) -> float | None:
    """Return the factor that would give the person's slopes, where there is one."""
    try:
        through = case.slopes - case.slopes_with({site: scale_argument(k, 0.0)})
    except UNREPLAYABLE:
        return None
    c = fit_factor(through, case.found_slopes - case.slopes)
    if c is None or not case.agrees(case.slopes + c * through):
        return None
    return 0.0 if abs(1 + c) < 1e-6 else 1 + c


def _is_scaled(site: Site, k: int, key: str) -> Test:
    def holds(case: Case) -> bool:
        factor = evaluate_meaning(key, case)
        return factor is not None and case.fits({site: scale_argument(k, factor)})

    return holds


def find_inner_factor(case: Case) -> Iterator[Guess]:
    """Guess that at one operation the gradient was multiplied by an array, or by it in place of the derivative."""
    if case.found.shape != case.X.shape:
        return
    once = list_passed(case)
    for site in sites_of(case):
        for guess in _guesses(case, once[site]) if site in once else ():
            if passes(guess.holds, case):
                yield guess


def _guesses(case: Case, execution: Execution) -> Iterator[Guess]:
    site, shape = execution.site, to_numpy(execution.result).shape
    name, line = describe_site(case, site), line_of(case, site)
    ways: list[tuple[str, Callable[[Any], Change]]] = []  # where the factor stands, "" for the derivative itself
    if site.operation in UNARY:
        ways.append(("", slope))
    for k, operand in enumerate(("first", "second")) if site.operation in BINARY else ():
        ways.append((f"back into the {operand} operand of {name}", partial(scale_argument, k)))
    ways.append((f"back through {name}", scale))
    forms = sorted(broadcastable(case, shape), key=_is_far_fetched)
    with np.errstate(all="ignore"):
        factors = np.array([np.broadcast_to(form(known.value), shape) for known, _, form in forms], float)
    fitting = [case.screen(site, change, factors) for _, change in ways] if forms else []
    for number, (known, words, form) in enumerate(forms):
        factor = words.format(known.name)
        what, repair = _say_factor(factor)
        for (way, change), fits in zip(ways, fitting, strict=True):
            if not fits[number] or (not way and _is_logarithm_of_negatives(execution, known, words)):
                continue
            said = f", on the way {way}, {what}" if way else f" {factor} stands for the derivative of {name}"
            yield Guess(
                "array factor" if way else "operation",
                f"d{case.name} is the gradient in which{said}.",
                repair if way else "Multiply by that operation's own derivative.",
                _is_changed(site, change, known.index, form),
                line,
            )


def _is_logarithm_of_negatives(execution: Execution, known: Known, words: str) -> bool:
    """Tell whether 1 / x of an operation's own argument would be the derivative of a logarithm where there is none."""
    x = to_numpy(execution.arguments[0])
    return words == "1 / {}" and bool(np.any(x.real <= 0)) and np.array_equal(known.value, x)


def _is_far_fetched(form: tuple[Known, str, Form]) -> int:
    """Rank a factor: of what has no name, that it is missing comes before that it is one too many."""
    known, words, _ = form
    return {"1 / {}": 1, "{}": 2}.get(words, 3) if known.name.startswith("the result of") else 0


def _say_factor(factor: str) -> tuple[str, str]:
    """Return what is wrong, and the repair: a divisor too many is a factor that is missing."""
    if factor.startswith("1 / "):
        return f"the factor {factor[4:]} is missing", f"Multiply by {factor[4:]} there."
    return f"{factor} is one factor too many", f"Take the factor {factor} away there."


def _is_changed(site: Site, change: Callable[[Any], Change], index: int, form: Form) -> Test:
    return lambda case: case.fits({site: change(form(list_known(case)[index].value))})


def find_probability(case: Case) -> Iterator[Guess]:
    """Guess that in Σ p f the probability p was treated as a constant: Σ p ∂f is left of Σ p ∂f + Σ f ∂p."""
    if case.found.shape != case.X.shape or not case.found.any():  # what is exactly 0 was not computed at all
        return
    for site, execution in executed_once(case).items():
        factors = execution.arguments if site.operation == "multiply" else ()
        for k, factor in enumerate(factors):
            values = to_numpy(factor)
            if not _is_probability(values) or np.array_equal(values, case.X):
                continue
            guess = Guess(
                "frozen",
                f"d{case.name} is the gradient in which the probability in {describe_site(case, site)} is treated as "
                "a constant: the mean of the derivatives, which is not the derivative of the mean.",
                f"The probability depends on {case.name} too: add the sum of the other factor times its derivative.",
                _lets_nothing_through(site, k),
                line_of(case, site),
            )
            if passes(guess.holds, case):
                yield guess


def _is_probability(array: np.ndarray) -> bool:
    """Tell whether an array is positive and adds up to 1 along an axis of at least two entries."""
    if array.dtype.kind not in "fc" or array.ndim == 0 or not np.all(array.real > 0):
        return False
    return any(array.shape[k] > 1 and np.allclose(array.real.sum(k), 1, atol=1e-9) for k in range(array.ndim))


def _lets_nothing_through(site: Site, k: int) -> Test:
    """Test that the derivative by one factor is missing; what is left may be 0, so the scale is the true gradient's."""

    def holds(case: Case) -> bool:
        left = case.slopes_with({site: scale_argument(k, 0.0)})
        scale = np.max(np.abs(case.slopes)) + np.linalg.norm(case.expected)
        near = np.max(np.abs(left - case.found_slopes)) <= case.slack * scale
        return bool(near and np.max(np.abs(case.slopes - case.found_slopes)) > 1e-3 * scale)

    return holds


FINDERS = {5: find_probability, 180: find_operand, 190: find_inner_factor}
