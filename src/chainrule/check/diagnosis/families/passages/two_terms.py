"""Two mistakes at once: two parts of a gradient, each with a factor of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from chainrule.check.diagnosis.case import UNREPLAYABLE, Case, passes
from chainrule.check.diagnosis.families.factor import evaluate_meaning, fit_factor, list_meanings
from chainrule.check.diagnosis.families.frozen import effective_sites
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import describe_site, line_of
from chainrule.check.model.problem import Array
from chainrule.check.replay.changes import freeze
from chainrule.check.replay.tape import Site

MOST_PAIRS = 60
FIRST = (-1.0, 2.0, 0.5)  # factors that the first of the two parts may have


def find_two_terms(case: Case) -> Iterator[Guess]:
    """Guess that the parts of the gradient through two operations have a wrong factor each."""
    if case.found.shape != case.X.shape:
        return
    sites = effective_sites(case)
    alone = {site: case.slopes_with({site: freeze}) for site in sites}
    for a, b in list(combinations(sites, 2))[:MOST_PAIRS]:
        for one, other in ((a, b), (b, a)):
            yield from _list_scaled(case, one, other, alone)


def _list_scaled(case: Case, one: Site, other: Site, alone: Mapping[Site, Array]) -> Iterator[Guess]:
    try:
        neither = case.slopes_with({one: freeze, other: freeze})
    except UNREPLAYABLE:
        return
    for f in FIRST:
        rest, through = _split(neither, alone[other], alone[one], case.slopes, f)
        g = fit_factor(through, case.found_slopes - rest)
        if g is None or abs(g - 1) < 1e-6 or not case.agrees(rest + g * through):
            continue
        for meaning in list_meanings(g, case):
            if meaning.key == repr(g):
                continue
            guess = Guess(
                "term",
                f"Two mistakes at once. In d{case.name}, the part that goes through {describe_site(case, one)} is "
                f"multiplied by {next(list_meanings(f, case)).words}; and the part through "
                f"{describe_site(case, other)} by {meaning.words}.",
                "Give both parts their right factor and sign.",
                _is_scaled(one, other, f, meaning.key),
                line_of(case, one),
            )
            if passes(guess.holds, case):
                yield guess


def _split(neither: Array, one: Array, other: Array, both: Array, f: float) -> tuple[Array, Array]:
    """Return what does not go through the second part, and what does, where the first has a factor.

    one: with the second frozen, so that only what goes through the first is left of the two.  other: the reverse.
    """
    return neither + f * (one - neither), (other - neither) + f * (both - one - other + neither)


def _is_scaled(one: Site, other: Site, f: float, key: str) -> Test:
    def holds(case: Case) -> bool:
        g = evaluate_meaning(key, case)
        with_one, with_other = case.slopes_with({other: freeze}), case.slopes_with({one: freeze})
        neither = case.slopes_with({one: freeze, other: freeze})
        rest, through = _split(neither, with_one, with_other, case.slopes, f)
        return g is not None and bool(np.any(through)) and case.agrees(rest + g * through)

    return holds


FINDERS = {225: find_two_terms}
