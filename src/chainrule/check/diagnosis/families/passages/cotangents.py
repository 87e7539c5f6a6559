"""Of several outputs, the cotangent of one is not used, or one is used in place of another."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from chainrule.check.diagnosis.case import Case, passes
from chainrule.check.diagnosis.guess import Guess


def find_unused_cotangent(case: Case) -> Iterator[Guess]:
    """Guess that the cotangent of one of several outputs is missing, doubled, or has the wrong sign."""
    cotangents = case.problem.cotangents
    for k, name in enumerate(cotangents):
        for factor, words, repair in (
            (0.0, f"{name} is not used", f"Add the part that arrives through {name}."),
            (2.0, f"{name} counts twice", f"Add the part that arrives through {name} once."),
            (-1.0, f"{name} has the wrong sign", f"Add the part that arrives through {name}, do not subtract it."),
        ):
            sentence = f"In d{case.name}, {words}: all else is right."
            guess = Guess("cotangent", sentence, repair, partial(_has_factor, k=k, factor=factor))
            if passes(guess.holds, case):
                yield guess


def find_exchanged_cotangents(case: Case) -> Iterator[Guess]:
    """Guess that the cotangents of two outputs of one shape are taken for one another."""
    if len(case.problem.cotangents) != 2 or case.problem.dY.size % 2:
        return
    a, b = case.problem.cotangents
    half = case.problem.dY.size // 2
    dh, dc = case.problem.dY[:half], case.problem.dY[half:]
    for words, repair, order in (
        (f"{a} and {b} in each other's place", f"Use {a} where {b} is used, and {b} where {a} is.", (1, 0)),
        (f"{a} in place of {b}", f"Use {b} for its own output.", (0, 0)),
        (f"{b} in place of {a}", f"Use {a} for its own output.", (1, 1)),
    ):
        guess = Guess(
            "cotangent",
            f"d{case.name} is the gradient with {words}.",
            repair,
            partial(_is_arranged, order=order),
        )
        if len(dh) == len(dc) and passes(guess.holds, case):
            yield guess


def _is_arranged(case: Case, order: tuple[int, int]) -> bool:
    halves = np.split(case.problem.dY, 2)
    return case.fits({}, dY=np.concatenate([halves[k] for k in order]))


def _has_factor(case: Case, k: int, factor: float) -> bool:
    """Tell whether the gradient is the right one with a factor at the cotangent of output k, wherever that one ends."""
    parts = np.array([case.replays.respond(V, {}).ravel() for V in case.directions])
    for part in _list_parts(parts.shape[1], k, len(case.problem.cotangents)):
        if case.agrees(parts.sum(axis=1) + (factor - 1) * parts[:, part].sum(axis=1)):
            return True
    return False


def _list_parts(size: int, k: int, count: int) -> Iterator[slice]:
    """Yield where the cotangent of output k may lie: in equal parts, or, of two, behind any entry."""
    if size % count == 0:
        yield slice(k * size // count, (k + 1) * size // count)
    if count == 2:
        yield from (slice(0, end) if k == 0 else slice(end, size) for end in range(1, size))


FINDERS = {45: find_unused_cotangent, 52: find_exchanged_cotangents}
