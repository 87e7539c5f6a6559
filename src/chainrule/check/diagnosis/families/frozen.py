"""Operations that were treated as constants, and parts of the gradient with a wrong factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import combinations

import numpy as np

from chainrule.check.diagnosis.case import UNREPLAYABLE, Case, passes
from chainrule.check.diagnosis.families.factor import Meaning, evaluate_meaning, fit_factor, list_meanings
from chainrule.check.diagnosis.families.product import Form, broadcastable
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import describe_site, line_of, list_known, sites_of
from chainrule.check.model.problem import Array
from chainrule.check.replay.changes import freeze
from chainrule.check.replay.tape import Changes, Site

MOST_PAIRS = 300
MOST_ENTRIES = 1000  # of an input whose gradient is taken entry by entry for every operation


def find_frozen(case: Case) -> Iterator[Guess]:
    """Guess that one operation, or two, were treated as constants."""
    if case.found.shape != case.X.shape:
        return
    sites = effective_sites(case)
    yield from (_frozen(case, (site,)) for site in sites if _explains(case, (site,), 1.0))
    pairs = list(combinations(sites, 2))[:MOST_PAIRS]
    yield from (_frozen(case, pair) for pair in pairs if _explains(case, pair, 1.0))


def find_scaled_frozen(case: Case) -> Iterator[Guess]:
    """Guess the same with a stray factor in front."""
    if case.found.shape != case.X.shape:
        return
    sites = effective_sites(case)
    for group in [*((site,) for site in sites), *list(combinations(sites, 2))[:MOST_PAIRS]]:
        c = _fit_frozen(case, group)
        for meaning in list_meanings(c, case) if c is not None else ():
            yield _frozen(case, group, meaning)


def find_term(case: Case) -> Iterator[Guess]:
    """Guess that the part of the gradient that goes through one operation has a wrong factor or sign."""
    if case.found.shape == case.X.shape:
        yield from _scaled_parts(case, [(site,) for site in effective_sites(case)])


def find_terms(case: Case) -> Iterator[Guess]:
    """Guess the same of two operations with one factor."""
    if case.found.shape == case.X.shape:
        yield from _scaled_parts(case, list(combinations(effective_sites(case), 2))[:MOST_PAIRS])


def _scaled_parts(case: Case, groups: Sequence[tuple[Site, ...]]) -> Iterator[Guess]:
    for group in groups:
        through = case.slopes - find_frozen_slopes(case, group)
        c = fit_factor(through, case.found_slopes - case.slopes)
        names = " and ".join(describe_site(case, site) for site in group)
        is_so = c is not None and case.agrees(case.slopes + c * through)
        for meaning in list_meanings(1 + c, case) if is_so and c is not None else ():
            yield Guess(
                "term",
                f"In d{case.name}, the part that goes through {names} is multiplied by {meaning.words}.",
                _repair_part(meaning),
                _has_factor(group, meaning.key),
                line_of(case, group[0]),
            )


def _repair_part(meaning: Meaning) -> str:
    if meaning.value == -1:
        return "Change the sign of that part."
    return f"Multiply that part by {meaning.inverse or format(1 / meaning.value, '.6g')}."


def find_term_factor(case: Case) -> Iterator[Guess]:
    """Guess that the part of the gradient through one operation has a factor too many or too few, an array."""
    if case.found.shape != case.X.shape or case.X.size > MOST_ENTRIES:
        return
    for site in effective_sites(case):
        through = case.expected - case.gradient({site: freeze})
        wanted = case.found - (case.expected - through)
        for known, words, form in broadcastable(case):
            if _equal(form(known.value) * through, wanted, case):
                name = words.format(known.name)
                yield Guess(
                    "term",
                    f"In d{case.name}, the part through {describe_site(case, site)} is multiplied by {name}.",
                    f"Take the factor {name} away there.",
                    _has_term_factor(site, known.index, form),
                    line_of(case, site),
                )


def _has_term_factor(site: Site, index: int, form: Form) -> Test:
    def holds(case: Case) -> bool:
        frozen = case.gradient({site: freeze})
        return case.equals(frozen + form(list_known(case)[index].value) * (case.expected - frozen))

    return holds


def _equal(a: Array, b: Array, case: Case) -> bool:
    scale = np.max(np.abs(case.found)) + np.max(np.abs(b))
    return bool(np.all(np.isfinite(a)) and np.max(np.abs(a - b)) <= case.slack * scale)


@lru_cache(maxsize=1024)
def find_frozen_slopes(case: Case, group: tuple[Site, ...]) -> Array:
    """Return the slopes with some operations treated as constants."""
    return case.slopes_with(_changes(group))


@lru_cache(maxsize=16)
def list_frozen(case: Case) -> dict[Site, float]:
    """Return the sites that a part of the gradient goes through, with the slope along one direction without it."""
    slope, scale = case.slopes[0], 1e-9 * np.max(np.abs(case.slopes))
    found = {}
    for site in sites_of(case):
        with suppress(*UNREPLAYABLE):
            frozen = case.slope_with({site: freeze})
            found |= {site: frozen} if abs(frozen - slope) > scale else {}
    return found


def effective_sites(case: Case) -> list[Site]:
    """Return the sites through which a part of the gradient goes, but not all of it."""
    scale = 1e-9 * np.max(np.abs(case.slopes))
    return [site for site, slope in list_frozen(case).items() if abs(slope) > scale]


def _fit_frozen(case: Case, group: tuple[Site, ...]) -> float | None:
    slopes = find_frozen_slopes(case, group)
    if np.max(np.abs(slopes)) <= 1e-9 * np.max(np.abs(case.slopes)):
        return None
    c = fit_factor(slopes, case.found_slopes)
    return c if c is not None and case.agrees(c * slopes) else None


def _has_factor(group: tuple[Site, ...], key: str) -> Test:
    """Test that the part through operations has a factor; what goes through two of them counts once."""

    def holds(case: Case) -> bool:
        factor, frozen = evaluate_meaning(key, case), find_frozen_slopes(case, group)
        return factor is not None and case.agrees(frozen + factor * (case.slopes - frozen))

    return holds


def _changes(group: tuple[Site, ...]) -> Changes:
    return dict.fromkeys(group, freeze)


def _explains(case: Case, group: tuple[Site, ...], factor: float) -> bool:
    return passes(lambda p: p.fits(_changes(group), factor=factor), case)


def _frozen(case: Case, group: tuple[Site, ...], meaning: Meaning | None = None) -> Guess:
    names = " and ".join(describe_site(case, site) for site in group)
    one = len(group) == 1

    def holds(case: Case) -> bool:
        factor = evaluate_meaning(meaning.key, case) if meaning else 1.0
        return factor is not None and _explains(case, group, factor)

    return Guess(
        "frozen",
        f"d{case.name} is the gradient that you get when {names} {'is' if one else 'are'} treated as "
        f"{'a constant' if one else 'constants'}{', times ' + meaning.words if meaning else ''}.",
        f"The chain rule also goes through {'it' if one else 'them'}: add "
        f"{'that part' if one else 'those parts'}{' and take the stray factor away' if meaning else ''}.",
        holds,
        line_of(case, group[0]),
    )


FINDERS = {80: find_frozen, 120: find_term, 200: find_scaled_frozen, 210: find_terms, 220: find_term_factor}
