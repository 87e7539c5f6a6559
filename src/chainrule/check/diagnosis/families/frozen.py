"""Operations that were treated as constants, and parts of the gradient with a wrong factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from chainrule.check.diagnosis.case import UNREPLAYABLE, Point, passes
from chainrule.check.diagnosis.families.factor import describe_factor, fit_factor
from chainrule.check.diagnosis.families.product import Form, broadcastable
from chainrule.check.diagnosis.guess import Guess, Test
from chainrule.check.diagnosis.known_arrays import describe_site, line_of, list_known, sites_of
from chainrule.check.model.problem import Array
from chainrule.check.replay.changes import freeze
from chainrule.check.replay.tape import Changes, Site

MOST_PAIRS = 300
MOST_ENTRIES = 1000  # of an input whose gradient is taken entry by entry for every operation


def find_frozen(point: Point) -> Iterator[Guess]:
    """Guess that one operation, or two, were treated as constants."""
    if point.found.shape != point.X.shape:
        return
    sites = effective_sites(point)
    yield from (_frozen(point, (site,), 1.0) for site in sites if _explains(point, (site,), 1.0))
    pairs = list(combinations(sites, 2))[:MOST_PAIRS]
    yield from (_frozen(point, pair, 1.0) for pair in pairs if _explains(point, pair, 1.0))


def find_scaled_frozen(point: Point) -> Iterator[Guess]:
    """Guess the same with a stray factor in front."""
    if point.found.shape != point.X.shape:
        return
    sites = effective_sites(point)
    for group in [*((site,) for site in sites), *list(combinations(sites, 2))[:MOST_PAIRS]]:
        c = _fit_frozen(point, group)
        if c is not None:
            yield _frozen(point, group, c)


def find_term(point: Point) -> Iterator[Guess]:
    """Guess that the part of the gradient that goes through one operation has a wrong factor or sign."""
    if point.found.shape == point.X.shape:
        yield from _scaled_parts(point, [(site,) for site in effective_sites(point)])


def find_terms(point: Point) -> Iterator[Guess]:
    """Guess the same of two operations with one factor."""
    if point.found.shape == point.X.shape:
        yield from _scaled_parts(point, list(combinations(effective_sites(point), 2))[:MOST_PAIRS])


def _scaled_parts(point: Point, groups: Sequence[tuple[Site, ...]]) -> Iterator[Guess]:
    for group in groups:
        through = point.slopes - point.slopes_with(_changes(group))
        c = fit_factor(through, point.found_slopes - point.slopes)
        if c is not None and point.agrees(point.slopes + c * through):
            meaning, factor = describe_factor(1 + c, point)
            names = " and ".join(describe_site(point, site) for site in group)
            yield Guess(
                "term",
                f"In d{point.name}, the part that goes through {names} is multiplied by {meaning}.",
                f"Multiply that part by {1 / factor:.6g}." if factor != -1 else "Change the sign of that part.",
                _has_factor(group, factor),
                line_of(point, group[0]),
            )


def find_term_factor(point: Point) -> Iterator[Guess]:
    """Guess that the part of the gradient through one operation has a factor too many or too few, an array."""
    if point.found.shape != point.X.shape or point.X.size > MOST_ENTRIES:
        return
    for site in effective_sites(point):
        through = point.expected - point.gradient({site: freeze})
        wanted = point.found - (point.expected - through)
        for known, words, form in broadcastable(point):
            if _equal(form(known.value) * through, wanted, point):
                name = words.format(known.name)
                yield Guess(
                    "term",
                    f"In d{point.name}, the part through {describe_site(point, site)} is multiplied by {name}.",
                    f"Take the factor {name} away there.",
                    _has_term_factor(site, known.index, form),
                    line_of(point, site),
                )


def _has_term_factor(site: Site, index: int, form: Form) -> Test:
    def holds(point: Point) -> bool:
        frozen = point.gradient({site: freeze})
        return point.equals(frozen + form(list_known(point)[index].value) * (point.expected - frozen))

    return holds


def _equal(a: Array, b: Array, point: Point) -> bool:
    scale = np.max(np.abs(point.found)) + np.max(np.abs(b))
    return bool(np.all(np.isfinite(a)) and np.max(np.abs(a - b)) <= point.slack * scale)


def effective_sites(point: Point) -> list[Site]:
    """Return the sites through which a part of the gradient goes, but not all of it."""

    def matters(site: Site) -> bool:
        try:
            slopes = point.slopes_with({site: freeze})
        except UNREPLAYABLE:
            return False
        scale = 1e-9 * np.max(np.abs(point.slopes))
        return bool(np.max(np.abs(slopes - point.slopes)) > scale and np.max(np.abs(slopes)) > scale)

    return [site for site in sites_of(point) if matters(site)]


def _fit_frozen(point: Point, group: tuple[Site, ...]) -> float | None:
    slopes = point.slopes_with(_changes(group))
    if np.max(np.abs(slopes)) <= 1e-9 * np.max(np.abs(point.slopes)):
        return None
    c = fit_factor(slopes, point.found_slopes)
    return c if c is not None and point.agrees(c * slopes) else None


def _has_factor(group: tuple[Site, ...], factor: float) -> Test:
    """Test that the part through operations has a factor; what goes through two of them counts once."""

    def holds(point: Point) -> bool:
        frozen = point.slopes_with(_changes(group))
        return point.agrees(frozen + factor * (point.slopes - frozen))

    return holds


def _changes(group: tuple[Site, ...]) -> Changes:
    return dict.fromkeys(group, freeze)


def _explains(point: Point, group: tuple[Site, ...], factor: float) -> bool:
    return passes(lambda p: p.agrees(factor * p.slopes_with(_changes(group))), point)


def _frozen(point: Point, group: tuple[Site, ...], factor: float) -> Guess:
    meaning, factor = describe_factor(factor, point) if factor != 1 else ("", 1.0)
    names = " and ".join(describe_site(point, site) for site in group)
    one = len(group) == 1
    return Guess(
        "frozen",
        f"d{point.name} is the gradient that you get when {names} {'is' if one else 'are'} treated as "
        f"{'a constant' if one else 'constants'}{', times ' + meaning if meaning else ''}.",
        f"The chain rule also goes through {'it' if one else 'them'}: add "
        f"{'that part' if one else 'those parts'}{' and take the stray factor away' if meaning else ''}.",
        lambda p: _explains(p, group, factor),
        line_of(point, group[0]),
    )
