"""One operation whose derivative is wrong: left out, or taken with another array in its place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.families.frozen import effective_sites, list_frozen
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import (
    broadcasts,
    describe_site,
    line_of,
    list_distinct,
    list_known,
    sites_of,
)
from chainrule.check.replay.arrays import to_numpy
from chainrule.check.replay.changes import add_up, keep_apart, pass_on, reach_all, repeat, scale_argument, turn, use
from chainrule.check.replay.tape import Change, Execution, Site

REDUCTIONS = {"add.reduce", "sum", "mean", "logsumexp"}
EXTREMES = {"max", "amax", "maximum.reduce", "min", "amin", "minimum.reduce"}
MOST_GUESSES = 4000


def find_operation(case: Case) -> Iterator[Guess]:
    """Guess that one operation's derivative was left out, taken at another array, or added up over samples."""
    if case.found.shape != case.X.shape:
        return
    for count, guess in enumerate(_guesses(case)):
        if count >= MOST_GUESSES:
            return
        if passes(guess.holds, case):
            yield guess


def _guesses(case: Case) -> Iterator[Guess]:
    once = list_passed(case)
    for site in sites_of(case):
        if site not in once:
            continue
        execution, name = once[site], describe_site(case, site)
        yield from _left_out(case, execution, name)
        yield from _sum_lost(case, execution, name)
        if site.operation == "where":
            yield _guess(
                case, site, turn, f"in which each branch of {name} has the derivative of the other",
                "Turn the condition round.",
            )  # fmt: skip
        yield from _largest_forgotten(case, execution, name)
        if site.operation in REDUCTIONS and site in effective_sites(case):
            yield _guess(
                case, site, add_up, f"in which {name} sums over the other samples too",
                f"A sample's output depends on its own {case.name} alone: sum within the sample, not over samples.",
            )  # fmt: skip
    for execution in once.values():
        yield from _other_arrays(case, execution)
    for site, execution in list_looped(case).items():
        yield from _left_out(case, execution, describe_site(case, site))


def _left_out(case: Case, execution: Execution, name: str) -> Iterator[Guess]:
    for k, argument in enumerate(execution.arguments):
        is_array = isinstance(argument, np.ndarray) and argument.dtype.kind == "f"
        if execution.site.operation in ("add", "subtract"):  # whose derivative is 1, or −1: a path is left out
            left = "second" if k == 0 else "first"
            yield Guess(
                "term",
                f"In d{case.name}, what goes back into the {left} operand of {name} is left out.",
                "Add it: the gradient goes back into both.",
                lambda p, site=execution.site, other=1 - k: _holds(p, site, scale_argument(other, 0.0)),  # type: ignore[misc]
                line_of(case, execution.site),
            )
        elif is_array and broadcasts(argument.shape, to_numpy(execution.result).shape):
            yield _guess(
                case, execution.site, pass_on(k), f"in which the derivative of {name} is left out",
                "Multiply by that operation's derivative.",
            )  # fmt: skip
            yield _guess(
                case, execution.site, repeat(k), f"in which the derivative of {name} stands twice",
                "Multiply by that operation's derivative once.",
            )  # fmt: skip


def _largest_forgotten(case: Case, execution: Execution, name: str) -> Iterator[Guess]:
    """Yield the guesses that what comes back to a maximum goes to all entries, whole or in equal shares."""
    if execution.site.operation not in EXTREMES:
        return
    count = to_numpy(execution.arguments[0]).size / max(1, to_numpy(execution.result).size)
    for factor, shares in ((1.0, ""), (1 / count, ", in equal shares")):
        yield _guess(
            case, execution.site, reach_all(factor), f"in which what comes back to {name} goes to all entries{shares}",
            "Give it to the entry that is the largest, or the smallest, and 0 to the others.",
        )  # fmt: skip


def _sum_lost(case: Case, execution: Execution, name: str) -> Iterator[Guess]:
    """Yield the guesses that the cotangent of a sum, or of a mean, was not summed in its turn."""
    if execution.site.operation in REDUCTIONS:
        count = to_numpy(execution.arguments[0]).size / max(1, to_numpy(execution.result).size)
        for factor in dict.fromkeys((1.0, 1 / count)):
            yield _guess(
                case, execution.site, keep_apart(factor), f"in which a sum is missing on the way back through {name}",
                "What the forward spreads, the backward sums, and the other way round: sum over the same axis.",
            )  # fmt: skip


def _other_arrays(case: Case, execution: Execution) -> Iterator[Guess]:
    """Yield the guesses that the derivative was taken with another array that the forward knows."""
    for k, argument in enumerate(execution.arguments):
        if not isinstance(argument, np.ndarray) or argument.dtype.kind != "f" or argument.ndim == 0:
            continue
        yield from _transposed_argument(case, execution, k)
        for known in list_distinct(case):
            if known.value.shape == argument.shape and not np.array_equal(known.value, argument):
                name, right = describe_site(case, execution.site), _call_argument(case, argument)
                yield Guess(
                    "operation",
                    f"d{case.name} is the gradient in which the derivative of {name} is taken with {known.name} in "
                    f"place of {right}.",
                    f"Use {right} there.",
                    _uses(execution.site, k, known.index),
                    line_of(case, execution.site),
                )


def _transposed_argument(case: Case, execution: Execution, k: int) -> Iterator[Guess]:
    argument = execution.arguments[k]
    if argument.ndim == 2 and argument.shape[0] == argument.shape[1]:
        name, right = describe_site(case, execution.site), _call_argument(case, argument)
        yield Guess(
            "transposed",
            f"d{case.name} is the gradient in which the derivative of {name} is taken with {right} transposed.",
            "Transpose it.",
            _uses_transposed(execution.site, k),
            line_of(case, execution.site),
        )


def _uses_transposed(site: Site, k: int) -> Test:
    return lambda case: _holds(case, site, use(k, executed_once(case)[site].arguments[k].T))


def _call_argument(case: Case, argument: np.ndarray) -> str:
    same = (a for a in list_known(case) if a.value.shape == argument.shape and np.array_equal(a.value, argument))
    known = next(same, None)
    return "its own argument" if known is None else known.name


def _guess(case: Case, site: Site, change: Change, what: str, repair: str) -> Guess:
    sentence = f"d{case.name} is the gradient {what}."
    return Guess("operation", sentence, repair, lambda p: _holds(p, site, change), line_of(case, site))


def _uses(site: Site, k: int, index: int) -> Test:
    return lambda case: _holds(case, site, use(k, list_known(case)[index].value))


def _holds(case: Case, site: Site, change: Change) -> bool:
    return case.fits({site: change})


def executed_once(case: Case) -> dict[Site, Execution]:
    """Return the operations that run once, not in a loop, each with its execution."""
    runs: dict[Site, list[Execution]] = {}
    for execution in case.executions:
        runs.setdefault(execution.site, []).append(execution)
    return {site: same[0] for site, same in runs.items() if len(same) == 1}


def list_passed(case: Case) -> dict[Site, Execution]:
    """Return those of them that a part of the gradient goes through."""
    passed = list_frozen(case)
    return {site: execution for site, execution in executed_once(case).items() if site in passed}


def list_looped(case: Case) -> dict[Site, Execution]:
    """Return the operations of a loop that a part of the gradient goes through, each with its first execution."""
    passed, once = list_frozen(case), executed_once(case)
    first = {execution.site: execution for execution in reversed(case.executions)}
    return {site: first[site] for site in passed if site in first and site not in once}


FINDERS = {160: find_operation}
