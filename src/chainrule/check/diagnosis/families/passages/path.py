"""A gradient that takes another path: sent to another array than the operation's own, past what lies between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.families.operation import executed_once
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import describe_site, line_of, list_known
from chainrule.check.replay.arrays import to_numpy
from chainrule.check.replay.tape import Changes, Execution, Site

BINARY = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "matmul": "@"}
MOST_GUESSES = 500


def find_path(case: Case) -> Iterator[Guess]:
    """Guess that what goes back into one operand of an operation was sent to another array of its shape."""
    if case.found.shape != case.X.shape:
        return
    once, count = executed_once(case), 0
    yield from _list_skips(case, once)
    for place, (site, execution) in enumerate(once.items()):
        if site.operation not in BINARY:
            continue
        for k, operand in enumerate(execution.arguments[:2]):
            for source in list(once.values())[:place]:
                if _fits(operand, source.result) and not _same(operand, source.result):
                    count += 1
                    if count > MOST_GUESSES:
                        return
                    yield from _guess(case, execution, k, source)


def _guess(case: Case, execution: Execution, k: int, source: Execution) -> Iterator[Guess]:
    own, other = _call(case, execution.arguments[k]), _call(case, source.result)
    guess = Guess(
        "operation",
        f"d{case.name} is the gradient in which what {describe_site(case, execution.site)} sends back to {own} goes to "
        f"{other} instead.",
        f"Give {own} its own gradient, and {other} what comes to it by its own ways.",
        _is_sent(execution.site, k, source.site),
        line_of(case, execution.site),
    )
    if passes(guess.holds, case):
        yield guess


def _list_skips(case: Case, once: Mapping[Site, Execution]) -> Iterator[Guess]:
    """Yield the guesses that an operand was given dY itself, past all that lies between it and Y."""
    ends = [e.site for e in once.values() if _fits(case.Y, e.result) and _same(case.Y, e.result)]
    last = ends[-1] if ends else None
    for site, execution in once.items():
        for k, operand in enumerate(execution.arguments[:2]) if site.operation in BINARY and site != last else ():
            if last is None or not _fits(operand, case.Y):
                continue
            own = _call(case, operand)
            guess = Guess(
                "operation",
                f"d{case.name} is the gradient in which {own}, where it goes into {describe_site(case, site)}, is "
                "given dY itself, past all that lies between there and Y.",
                f"Give {own} the gradient that comes back to {describe_site(case, site)}.",
                _is_skipped(site, k, last),
                line_of(case, site),
            )
            if passes(guess.holds, case):
                yield guess


def _is_skipped(site: Site, k: int, last: Site) -> Test:
    return lambda case: case.fits(skip(site, k, last))


def skip(site: Site, k: int, last: Site) -> Changes:
    """Return the changes with which an operation's k-th argument moves the output alone, and directly."""
    step: list[Any] = [0.0]

    def hold(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        step[0] = arguments[k] - execution.arguments[k]
        held = list(arguments)
        held[k] = execution.arguments[k]
        return execution.call(*held)

    return {site: hold, last: lambda execution, arguments, result: result + step[0]}


def _is_sent(site: Site, k: int, source: Site) -> Test:
    return lambda case: case.fits(send(site, k, source))


def send(site: Site, k: int, source: Site) -> Changes:
    """Return the changes with which an operation's k-th argument moves as the result of another one does."""
    step: list[Any] = [0.0]

    def note(execution: Execution, _: tuple[Any, ...], result: Any) -> Any:
        step[0] = result - execution.result
        return result

    def move(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        moved = list(arguments)
        moved[k] = execution.arguments[k] + step[0]
        return execution.call(*moved)

    return {source: note, site: move}


def _fits(operand: Any, result: Any) -> bool:
    return isinstance(operand, np.ndarray) and operand.dtype.kind == "f" and operand.shape == to_numpy(result).shape


def _same(operand: Any, result: Any) -> bool:
    return np.array_equal(operand, to_numpy(result))


def _call(case: Case, value: Any) -> str:
    array = to_numpy(value)
    same = (a for a in list_known(case) if a.value.shape == array.shape and np.array_equal(a.value, array))
    return next((known.name for known in same), "its operand")


FINDERS = {195: find_path}
