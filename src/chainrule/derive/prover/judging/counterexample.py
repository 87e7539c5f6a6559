"""Finds the smallest case in which two lines differ: small sizes, small whole numbers, shown with both values."""

import itertools
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array
from chainrule.derive.evaluation.branches import asks_of_data
from chainrule.derive.evaluation.domains import MIXED, Domain
from chainrule.derive.evaluation.places import draw_places, numbers_beside
from chainrule.derive.language.printer import show
from chainrule.derive.prover.judging.agreement import Points, evaluate_line, has_kinks
from chainrule.derive.prover.points import free_homes, is_finite, satisfy, try_sizes
from chainrule.derive.prover.reading import TypedLine
from chainrule.derive.prover.truth import Model, Values

DRAWS = 10
SECONDS, ALL_SECONDS = 2.0, 6.0  # of CPU, for the search of a case, and of all cases of a derivation
MAX_CASES = 1500
CLEAR = 1e-6  # a smaller difference between the two values is not shown


@dataclass(frozen=True)
class Counterexample:
    """`given` has the values of all that is given, `at` the entry at which the lines differ, by index, from 0.

    `branches` says where each comparison holds there.
    """

    given: Mapping[str, Array]
    at: Mapping[str, int]
    before: float
    here: float
    branches: tuple[str, ...] = ()

    def describe(self, before: str) -> str:
        """The case in words; `before` names what the line is compared with."""
        arrays = ", ".join(f"{name} = {show_array(value)}" for name, value in self.given.items())
        place = "at " + ", ".join(f"{letter} = {k}" for letter, k in self.at.items()) + " " if self.at else ""
        branch = f"; in the branch where {' and '.join(self.branches)}" if self.branches else ""
        return f"{arrays}; {place}{before} gives {show_value(self.before)}, this line {show_value(self.here)}{branch}"

    def as_dict(self) -> dict[str, object]:
        """The case for programs."""
        given = {name: np.asarray(value).tolist() for name, value in self.given.items()}
        known = {"given": given, "at": dict(self.at), "before": self.before, "here": self.here}
        return {**known, "branches": list(self.branches)}


def find_counterexample(points: Points, line: TypedLine, before: TypedLine) -> Counterexample | None:
    """The first case found, from the smallest sizes on, made as plain as it will go; None where none is found."""
    begun = time.process_time()
    until = begun + min(SECONDS, ALL_SECONDS - points.spent_on_cases)
    found = None
    for values in _cases(points):
        if time.process_time() > until:
            break
        if _gap(values, points, line, before) is not None:
            found = _shown(_plainer(values, points, line, before), points, line, before)
            break
    points.spent_on_cases += time.process_time() - begun
    return found


def _cases(points: Points) -> Iterator[Values]:
    """Cases in small whole numbers, in order of size."""
    rng = np.random.default_rng(1)
    for sizes in _small_sizes(points.model):
        for draw in range(DRAWS):
            given = _draw(points, sizes, rng, 2 + draw // 3)
            values = satisfy(Values(points.model, sizes, given))
            if values is not None and all(
                _is_plain(values.arrays[name], points.compared.get(name, ())) for name in points.model.given
            ):
                yield values


def _small_sizes(model: Model) -> Iterator[dict[str, int]]:
    homes = free_homes(model)
    highest = 3 if len(homes) <= 5 else 2
    choices = list(itertools.product(range(1, highest + 1), repeat=len(homes)))
    choices.sort(key=lambda numbers: (int(np.prod(numbers)), numbers))
    for numbers in choices[: MAX_CASES // DRAWS]:
        sizes = try_sizes(model, dict(zip(homes, numbers, strict=True)))
        if sizes:
            yield sizes


def _draw(points: Points, sizes: Mapping[str, int], rng: np.random.Generator, count: int) -> dict[str, Array]:
    given = {}
    for name, axes in points.model.given.items():
        domain = points.domains.get(name, MIXED)
        numbers = domain.plain_numbers[: max(count, 2)]
        numbers = numbers + [value for value in points.compared.get(name, ()) if value not in numbers]
        scalar = name in points.model.program.subscript_scalars
        given[name] = np.array(1.0) if scalar else rng.choice(numbers, [sizes[home] for home in axes]).astype(float)
        if domain.is_dominant:
            given[name] = domain.place(given[name])
    return given | _draw_places(points, sizes, rng)


def _draw_places(points: Points, sizes: Mapping[str, int], rng: np.random.Generator) -> dict[str, Array]:
    """Elements of index arrays: places, and the numbers that they are compared with."""
    program = points.model.program
    drawn = {name: places.astype(float) for name, places in draw_places(program, sizes, rng).items()}
    for name in sorted(program.marked_places):
        marks = rng.choice(sorted(numbers_beside(name, points.claims)), drawn[name].shape)
        drawn[name] = np.where(rng.random(marks.shape) < 0.3, marks, drawn[name])
    return drawn


def _is_plain(array: Array, compared: Collection[float]) -> bool:
    """Small multiples of a quarter, or numbers that the array is compared with."""
    array = np.asarray(array, dtype=float)
    small = (array * 4 == np.round(array * 4)) & (np.abs(array) <= 9)
    return bool(np.all(small | np.isin(array, list(compared))))


def _gap(values: Values, points: Points, line: TypedLine, before: TypedLine) -> tuple[Array, Array, Array] | None:
    """Both lines and where they clearly differ; None where they do not, or where something has no value."""
    if not all(is_finite(values[name]) for name in values.model.program.defined):
        return None
    here, there = evaluate_line(values, line), evaluate_line(values, before)
    if here is None or there is None or not is_finite(there) or not is_finite(here):
        return None
    apart = np.abs(here - there) > CLEAR * (1 + np.abs(there))
    if not apart.any() or _at_kink(values, points, line, before):
        return None
    return np.asarray(here), np.asarray(there), apart


def _at_kink(values: Values, points: Points, line: TypedLine, before: TypedLine) -> bool:
    """Whether a line jumps here, as the derivative of relu does at 0; no derivation is judged there."""
    everything = [*values.model.expressions, line.value, before.value]
    if not any(has_kinks(expr) for expr in everything):
        return False
    for sign in (1e-7, -1e-7):
        near = points.nudged(values, sign)
        for one in (line, before):
            a, b = evaluate_line(values, one), evaluate_line(near, one)
            if a is None or b is None or not np.allclose(a, b, rtol=1e-4, atol=1e-4):
                return True
    return False


def _plainer(values: Values, points: Points, line: TypedLine, before: TypedLine) -> Values:
    """Replace entries by the plainest number, one after the other, as long as the lines still differ."""
    for name in (name for name in points.model.given if name not in points.model.program.whole):
        for entry in np.ndindex(np.shape(values.arrays[name])):
            for number in _plainer_numbers(points.domains.get(name, MIXED), float(values.arrays[name][entry])):
                tried = np.array(values.arrays[name])
                tried[entry] = number
                given = {other: values.arrays[other] for other in points.model.given} | {name: tried}
                changed = satisfy(Values(points.model, values.sizes, given))
                if changed and _still_plain(changed, points) and _gap(changed, points, line, before) is not None:
                    values = changed
                    break
    return values


def _plainer_numbers(domain: Domain, number: float) -> list[float]:
    plainest = domain.plain_numbers[:2]
    return plainest[: plainest.index(number)] if number in plainest else plainest


def _still_plain(values: Values, points: Points) -> bool:
    return all(_is_plain(values.arrays[name], points.compared.get(name, ())) for name in points.model.given)


def _shown(values: Values, points: Points, line: TypedLine, before: TypedLine) -> Counterexample | None:
    gap = _gap(values, points, line, before)
    if gap is None:
        return None
    here, there, apart = gap
    place = tuple(int(k) for k in np.argwhere(apart)[0])
    given = {name: np.asarray(values.arrays[name]) for name in values.model.given}
    at = dict(zip(line.letters, place, strict=True))
    return Counterexample(given, at, float(there[place]), float(here[place]), tuple(_branches(values, points)))


def _branches(values: Values, points: Points) -> Iterator[str]:
    """Where each comparison of data holds, as `k == y[s] (at k = 0, s = 0)`."""
    for claim, of in points.claims.items():
        if not asks_of_data(claim):
            continue
        letters = tuple(sorted(claim.free))
        places = np.argwhere(np.asarray(values.evaluate(claim, letters, of)) != 0)
        if not len(places):
            yield f"{show(claim)} is false"
        else:
            at = ", ".join(f"{letter} = {k}" for letter, k in zip(letters, places[0], strict=True))
            yield f"{show(claim)} is true" + (f" at {at}" if at else "")


def show_value(value: float) -> str:
    """A number as a whole number or a small fraction where it is one, else with four digits."""
    fraction = Fraction(value).limit_denominator(64)
    return str(fraction) if abs(float(fraction) - value) <= 1e-12 * max(1, abs(value)) else f"{value:.4g}"


def show_array(array: Array) -> str:
    """An array as nested lists."""
    array = np.asarray(array)
    if array.ndim == 0:
        return show_value(float(array))
    return "[" + ", ".join(show_array(part) for part in array) + "]"
