"""Decides whether two lines are equal: at random points, in an arithmetic in which chance has no say.

Rational derivations are evaluated modulo the prime p = 2^31 - 1. Two different rational functions of degree d agree
at a random point with a probability of at most d / p (Schwartz and Zippel), so at all five points with less than 1e-30
for every d below 1000; equal ones always agree.

All others are evaluated with 50 digits at two points, and in float64 at six more of several scales. Equal lines agree
to 30 digits there unless 20 digits cancel; different ones are analytic functions that differ, so that the points at
which they agree to 30 digits have a share of about 1e-30. A difference in float64 is never believed by itself: the same
point is looked at again with 50 digits, so rounding refuses nobody.

Where a program or a line has branches (`where`, `max`, `abs`, …), each branch is such a function, but a wrong line may
be right on most of them. 150 points more, of several scales and of that of the numbers compared with, hold some
thousand entries: a combination of branches that holds a hundredth of them is missed with a chance of less than 1e-4.

Sizes are drawn anew for every point, all different where there are few enough of them, and every two dimensions differ
at one point at least: a formula that says S where N is meant is wrong at some point.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from decimal import Decimal
from functools import cached_property, partial

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array, HighPrecision, Modular
from chainrule.derive.evaluation.assumed_forms import orthonormal_form, unit_form
from chainrule.derive.evaluation.branches import (
    STEERED,
    Branch,
    apart,
    asks_of_data,
    comparisons_in,
    conditions_of_starts,
    constant_of,
    far_places,
    is_constant,
    is_equality,
    is_tie,
    sizes_compared,
    steer,
    upstream_of,
)
from chainrule.derive.evaluation.domains import MIXED, Domains
from chainrule.derive.evaluation.places import extent_of, is_place, numbers_beside
from chainrule.derive.evaluation.points import is_rational
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Call,
    Compare,
    Expr,
    Num,
    Partial,
    Reduce,
    Started,
    Where,
    add,
    letters_in_order,
    neg,
    relabelled,
)
from chainrule.derive.language.functions import EXTREMA, find_function
from chainrule.derive.prover.partials import MARK, dimension
from chainrule.derive.prover.points import (
    asks_of_shapes,
    draw_given,
    draw_residues,
    draw_sizes,
    find_domains,
    free_homes,
    is_defined,
    satisfy,
    tolerance,
    whole_number,
)
from chainrule.derive.prover.reading import TypedLine
from chainrule.derive.prover.truth import Model, Values, stack

EXACT_POINTS, PRECISE_POINTS = 5, 2
BRANCH_POINTS, BRANCH_SIZES, STEERED_DRAWS, PLAIN_DRAWS, KINKED_DRAWS = 150, 4, 20, 3, 10
SEARCH_SECONDS = 4.0  # of CPU, for the repair of a line
NUDGE = 1e-4
DIGITS, CLOSED = 50, Decimal("1e-20")  # a gap that shrinks so much with so many more digits is none
MOST_HIDDEN = 350  # digits that are added so that 1 - sigmoid(x) is not 0; beyond them it is as good as 0
VANISHING = Decimal("1e-330")
SCALES = (1.0, 0.5, 2.0, 1.0, 0.25, 3.0)


def has_kinks(expr: Expr) -> bool:
    """Whether a function has branches: it is analytic on each, but a wrong line may be right on some."""
    starts = conditions_of_starts([expr])
    for node in expr.walk():
        match node:
            case Call(function, _) if function in EXTREMA or find_function(function).has_kink:
                return True
            case Reduce(operation, _, _) if operation in EXTREMA:
                return True
            case Where() | Compare() if not isinstance(node, Started) and node not in starts:
                return True
    return False


def _with_plain_letters(claim: Compare, homes: Mapping[str, str]) -> Expr:
    """A comparison with letters that tell nothing but their dimension, so that equal ones are one."""
    names = dict.fromkeys(letters_in_order(claim))
    return relabelled(claim, {letter: f"{dimension(letter, homes)}{k}{MARK}" for k, letter in enumerate(names)})


def largest_bound(exprs: Iterable[Expr], places: frozenset[str] = frozenset()) -> float:
    """The largest number that something is compared with, 1 at least; marks among `places` are no bounds."""
    kinds = [node for expr in exprs for node in expr.walk() if isinstance(node, Compare | Call)]
    kinds = [node for node in kinds if not node.names or not node.names <= places]
    return max([1.0, *(abs(float(n.value)) for kind in kinds for n in kind.children if isinstance(n, Num))])


def span_of(exprs: Iterable[Expr]) -> int:
    """The powers of ten by which the numbers in expressions lie apart from 1, at most: 9 of 1e-9."""
    numbers = (node.value for expr in exprs for node in expr.walk() if isinstance(node, Num) and node.value)
    return max((abs(round(math.log10(abs(number)))) for number in numbers), default=0)


def levelling_in(expr: Expr) -> Iterator[tuple[Callable[[Array], Array], Expr]]:
    """For each function in an expression that levels off: how close to its limit it is, and its argument."""
    for node in expr.walk():
        match node:
            case Call(function, (argument,)) if level := find_function(function).levelling:
                if not any(isinstance(inner, Partial) for inner in argument.walk()):
                    yield level, argument


class Patience:
    """How long the search for a repair may take; `given_up` says that it was ended."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start to count."""
        self.end, self.given_up = time.process_time() + SEARCH_SECONDS, False

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        self.given_up = self.given_up or time.process_time() > self.end
        return self.given_up


class Points:
    """The points at which the lines of one derivation are compared.

    `lines` are all expressions that will be compared, `wanted` the names whose gradients are claimed.
    at_once: whether all are drawn at the beginning; else each when it is asked for, and a line that differs at the
    first needs no other.
    """

    def __init__(
        self, model: Model, typed: list[TypedLine], wanted: Iterable[str], seed: int = 0, at_once: bool = True
    ) -> None:
        self.model, self.wanted = model, tuple(wanted)
        self.patience, self.spent_on_cases = Patience(), 0.0
        self.rng = np.random.default_rng(seed)
        lines = [line.value for line in typed]
        self.asks_of_shapes = asks_of_shapes(model)
        said = [s.value for s in model.program.statements] + [s.value for s in model.shorthands.values()]
        self.exact = not model.steps and all(map(is_rational, [*said, *lines]))
        self.exact = self.exact and all(
            is_rational(side)
            for a in model.program.assumptions
            if a.claim.relation == "=="
            for side in a.claim.children
        )
        self.exact = self.exact and not any(
            unit_form(a.claim) or orthonormal_form(a.claim) for a in model.program.assumptions
        )
        assumed = [side for a in model.program.assumptions for side in a.claim.children]  # it has one answer
        everything = [*said, *assumed, *lines]
        self.branch_scale = (
            largest_bound(everything, model.program.index_arrays) if any(map(has_kinks, everything)) else 0.0
        )
        of = model.program.dimensions.of
        parts = [(expr, of) for expr in model.expressions] + [(line.value, line.of) for line in typed]
        self.span = span_of(everything)
        self._levelling = {level: of for expr, of in parts for level in levelling_in(expr)}
        assumptions = {assumption.claim for assumption in model.program.assumptions}
        asked = {claim: homes for expr, homes in parts for claim in comparisons_in([expr]) if not is_tie(claim)}
        alike: dict[Expr, Compare] = {}
        for claim, homes in asked.items():
            alike.setdefault(_with_plain_letters(claim, homes), claim)
        self.claims = {claim: asked[claim] for claim in alike.values() if claim not in assumptions}
        self._upstream = {claim: upstream_of(model.program, claim.names) for claim in self.claims}
        fixed = model.program.whole
        self._movable = {claim: names - fixed for claim, names in self._upstream.items()}
        self.compared = self._numbers_compared()
        self.labels = {name for claim in self.claims if is_equality(claim) for name in claim.names}
        self.least: dict[str, int] = {}
        self.asked: dict[str, list[int]] = {}
        for claim, homes in self.claims.items():
            for letter, size in far_places([claim]).items():
                home = dimension(letter, homes)
                self.least[home] = max(size, self.least.get(home, 0))
            for letter, sizes in sizes_compared([claim]).items():
                self.asked.setdefault(dimension(letter, homes), []).extend(sizes)
        self.domains: Domains = find_domains(model, self.wanted, self.rng)
        self._made: list[Values] = []
        self._coming = self._exact_points() if self.exact else self._real_points()
        self._twins: dict[tuple[int, int], Values] = {}
        self._finer: dict[int, Values] = {}  # the same with DIGITS more
        self._known: dict[tuple[int, TypedLine], Array | None] = {}
        if at_once:
            _ = self.all, self.branches

    @property
    def all(self) -> list[Values]:
        """All points, drawn as far as they are not yet."""
        self._made += self._coming
        return self._made

    def _reaches(self, k: int) -> bool:
        """Whether there is a point k, which is then drawn."""
        self._made += itertools.islice(self._coming, max(0, k + 1 - len(self._made)))
        return k < len(self._made)

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """What was answered to each comparison at the points."""
        return tuple(map(self._record, self.claims))

    def _exact_points(self) -> Iterator[Values]:
        for sizes in self._sizes(EXACT_POINTS, 300_000):
            yield self._drawn(partial(self._residues, sizes))

    def _real_points(self) -> Iterator[Values]:
        for sizes in self._sizes(PRECISE_POINTS, 1_000):
            yield self.precise(self._drawn(partial(self._floating, sizes, 1.0)))
        for sizes, scale in zip(self._sizes(len(SCALES), 100_000), SCALES, strict=True):
            yield self._drawn(partial(self._floating, sizes, scale))
        if self.branch_scale:
            yield from self._branch_points()

    def _branch_points(self) -> Iterator[Values]:
        """Points that reach all branches: for each of a few sizes some that are stacked, two more with 50 digits."""
        scales = [SCALES[k % len(SCALES)] * (self.branch_scale if k % 3 else 1.0) for k in range(BRANCH_POINTS)]
        several = self._sizes(PRECISE_POINTS, 1_000) + self._sizes(BRANCH_SIZES - PRECISE_POINTS, 2_000)
        for k, sizes in enumerate(several):
            points = self._on_branches(sizes, scales[k :: len(several)])
            if k < PRECISE_POINTS:
                yield self.precise(points.pop())
            yield stack(points)

    def _on_branches(self, sizes: dict[str, int], scales: list[float]) -> list[Values]:
        """Points at which comparisons of data hold in some places, and where nothing lies at a kink."""
        asked = [claim for claim in self.claims if asks_of_data(claim)]
        found: list[Values] = []
        for _ in range(STEERED_DRAWS if asked else PLAIN_DRAWS):
            drawn = [self._steered_point(sizes, scale, asked) for scale in scales[len(found) :]]
            tried = [values for values in drawn if values and (not self.asks_of_shapes or self._is_defined(values))]
            if tried:
                good = self._are_smooth(stack(tried))
                found += [values for values, is_good in zip(tried, good, strict=True) if is_good]
            if len(found) == len(scales):
                break
        return found + [self._drawn(partial(self._floating, sizes, scale)) for scale in scales[len(found) :]]

    def _steered_point(self, sizes: dict[str, int], scale: float, asked: list[Compare]) -> Values | None:
        """A point with inputs that are compared drawn from what they are compared with."""
        given = self._floating(sizes, scale).arrays
        given = {name: given[name] for name in self.model.given}
        for k in self.rng.permutation(len(asked))[:STEERED]:
            if self.rng.random() < 0.8:
                given = self._steered(asked[k], given, sizes)
        return satisfy(Values(self.model, sizes, given))

    def _steered(self, claim: Compare, given: dict[str, Array], sizes: dict[str, int]) -> dict[str, Array]:
        def look(given: Mapping[str, Array]) -> Callable[[Expr, tuple[str, ...]], Array]:
            values = Values(self.model, sizes, given)
            return lambda expr, letters: values.evaluate(expr, letters, self.claims[claim])

        fits = partial(self._fits, sizes)
        return steer(claim, given, look, self.rng, fits, self._movable[claim], self._bends(claim))

    def _fits(self, sizes: Mapping[str, int], name: str, value: float) -> bool:
        program = self.model.program
        if name in program.index_arrays:
            return is_place(value, extent_of(name, program, sizes), numbers_beside(name, self.claims))
        if name in program.subscript_scalars:
            return False
        return self.domains.get(name, MIXED).holds(value)

    def _bends(self, claim: Compare) -> bool:
        """Whether a gradient is taken through what is compared, so that it has none where the sides are equal."""
        return not is_equality(claim) and not self._upstream[claim].isdisjoint(self.wanted)

    def _are_smooth(self, stacked: Values) -> Array:
        """Of each stacked point: whether program and gradients have values there, and no comparison is at its kink.

        Sides that are equal all around the point are at none.
        """
        good = np.ones(stacked.stacked, dtype=bool)
        for name in (*self.model.program.defined, *(f"d{name}" for name in self.wanted)):
            good &= _everywhere(np.isfinite(stacked[name]))
        near = self.nudged(stacked, NUDGE)
        for claim, of in self.claims.items():
            if self._bends(claim):
                tied = stacked.evaluate(*apart(claim), of) == 0  # as an entry that is the largest is with the maximum
                if tied.any():
                    good &= _everywhere(~tied | (near.evaluate(*apart(claim), of) == 0))
        return good

    def nudged(self, values: Values, step: float) -> Values:
        """A point with every entry of every input moved a little, each by another amount, but for labels and masks."""
        given = {name: values.arrays[name] for name in self.model.given}
        names = [name for name in self.model.program.inputs if name not in self.model.program.whole | self.labels]
        for k, name in enumerate(names, 1):
            moves = np.cos(np.arange(np.size(given[name])) + k / len(names)).reshape(np.shape(given[name]))
            given[name] = given[name] + step * moves * np.maximum(1, np.abs(given[name]))
        return Values(self.model, values.sizes, given, stacked=values.stacked)

    def _numbers_compared(self) -> dict[str, list[float]]:
        """The numbers, with their neighbours, that each input is compared with, however indirectly."""
        found: dict[str, list[float]] = {}
        for claim in self.claims:
            numbers = [float(value) for node in claim.walk() if (value := constant_of(node)) is not None]
            for name in self._upstream[claim]:
                found.setdefault(name, []).extend(n + step for n in numbers if abs(n) > 3 for step in (0, 1, -1))
        return found

    def _record(self, claim: Compare) -> Branch:
        """Which answers of a comparison occurred."""
        answers: set[bool] = set()
        for values in self.all:
            found = values.evaluate(claim, tuple(sorted(claim.free)), self.claims[claim])
            answers |= {bool(answer) for answer in np.ravel(found != 0)}
            if len(answers) == 2 or is_constant(claim, self.model.program, self.claims[claim]):
                break
        return Branch(claim, True in answers, False in answers)

    @property
    def untaken(self) -> list[Branch]:
        """The comparisons of which one answer never occurred, though nothing rules it out."""
        program = self.model.program
        open_ones = [b for b in self.branches if not b.complete]
        return [
            branch
            for branch in open_ones
            if not (is_constant(branch.claim, program, self.claims[branch.claim]) or self._is_assumed(branch.claim))
        ]

    def _is_assumed(self, claim: Compare) -> bool:
        """Whether an inequality that is assumed decides a comparison: both ask for the sign of the same quantity."""
        return any(
            self._are_proportional(claim, assumed)
            for assumed in (assumption.claim for assumption in self.model.program.assumptions)
            if assumed.relation in ("<", "<=", ">", ">=") and claim.relation in ("<", "<=", ">", ">=")
        )

    def _are_proportional(self, one: Compare, other: Compare) -> bool:
        """Whether what stands on the two sides of a comparison differs by a constant times what it does in another."""
        ratios: list[float] = []
        for values in self.all:
            if isinstance(values.arithmetic, Modular):
                continue
            differences = []
            for claim in (one, other):
                of = {**self.model.program.dimensions.of, **self.claims.get(claim, {})}
                difference = values.evaluate(add(claim.left, neg(claim.right)), tuple(sorted(claim.free)), of)
                differences.append(np.asarray(difference, dtype=float))
            if differences[0].shape != differences[1].shape or np.any(differences[1] == 0):
                return False
            ratios += [float(ratio) for ratio in np.ravel(differences[0] / differences[1])]
        return bool(ratios) and ratios[0] != 0 and np.allclose(ratios, ratios[0], rtol=1e-9, atol=0)

    def _residues(self, sizes: dict[str, int]) -> Values:
        return Values(self.model, sizes, draw_residues(self.model, sizes, self.rng), Modular())

    def _floating(self, sizes: dict[str, int], scale: float) -> Values:
        return Values(self.model, sizes, draw_given(self.model, sizes, self.rng, self.domains, scale))

    def _draw_sizes(self, room: int) -> dict[str, int]:
        """Sizes at which all has values: an inverse of A Aᵀ needs a wide A, one of Aᵀ A, or Aᵀ A = I, a tall one."""
        for _ in range(30):
            asked = {home: int(self.rng.choice(sizes)) for home, sizes in self.asked.items()}
            sizes = draw_sizes(self.model, self.rng, room, self.least, asked)
            tried = (satisfy(self._floating(sizes, 1.0)) for _ in range(3))
            if not self.asks_of_shapes or any(values and self._is_defined(values) for values in tried):
                break
        return sizes

    def _sizes(self, count: int, room: int) -> list[dict[str, int]]:
        """Sizes for some points: any two dimensions differ at one of them, and none is always the same, if possible.

        Nor is a class number.
        """
        homes = free_homes(self.model)
        pairs = list(itertools.combinations(homes, 2))
        best: list[dict[str, int]] = []
        missed = len(pairs) + len(homes) + 2
        for _ in range(10):
            chosen = [self._draw_sizes(room) for _ in range(count)]
            alike = sum(all(sizes[a] == sizes[b] for sizes in chosen) for a, b in pairs)
            alike += sum(len({sizes[home] for sizes in chosen}) == 1 for home in homes)
            alike += any(
                len({whole_number(n, self.model, s) for s in chosen}) == 1 for n in self.model.program.class_numbers
            )
            if alike < missed:
                best, missed = chosen, alike
            if not missed:
                break
        return best

    def _drawn(self, draw: Callable[[], Values]) -> Values:
        """A point at which all is defined, and no comparison at its kink if that can be avoided."""
        kinked: list[Values] = []
        for _ in range(100):
            try:
                values = satisfy(draw())
                if not values or not self._is_defined(values):
                    continue
            except ZeroDivisionError:
                continue
            if self.exact or not self.branch_scale or self._are_smooth(stack([values])).all():
                return values
            kinked.append(values)
            if len(kinked) == KINKED_DRAWS:
                break
        if kinked:
            return kinked[0]
        raise EquationError("no values of the inputs were found at which all that is assumed holds")

    def _is_defined(self, values: Values) -> bool:
        return is_defined(values, self.wanted)

    def precise(self, values: Values, digits: int = 0) -> Values:
        """The same point with many digits, as many as its numbers ask for if none are given."""
        digits = digits or DIGITS + 2 * self.span + self._hidden_at(values)
        given = {name: values.arrays[name] for name in self.model.given}
        precise = satisfy(Values(self.model, values.sizes, given, HighPrecision(digits)))
        if precise is None:
            raise EquationError("an assumption holds in float64 but not with 50 digits; write it as an equality")
        return precise

    def _hidden_at(self, values: Values) -> int:
        """How many digits of 1 - f(x) are hidden at a point by the 1, of all functions that level off."""
        hidden = [0.0]
        with np.errstate(all="ignore"):
            for (levelling, argument), of in self._levelling.items():
                nats = levelling(values.evaluate(argument, tuple(sorted(argument.free)), of))
                hidden += (np.ravel(nats) / math.log(10)).tolist()
        return int(max(digits for digits in hidden if digits <= MOST_HIDDEN))

    def under(self, model: Model) -> "Points":
        """The same points under a model that differs in shorthands only."""
        points = copy(self)
        points.model, points._made = model, [values.under(model) for values in self.all]
        points._twins, points._finer, points._known = {}, {}, {}
        return points

    def value(self, k: int, line: TypedLine) -> Array | None:
        """The values of a line at point k; None where it divides by 0 there."""
        if (k, line) not in self._known:
            self._known[k, line] = evaluate_line(self._made[k], line)
        return self._known[k, line]

    def agree(self, a: TypedLine, b: TypedLine, count: int | None = None) -> bool:
        """Whether two lines are equal; with a count, whether they may be, by so many points."""
        seen = count is not None
        for k in itertools.takewhile(self._reaches, itertools.islice(itertools.count(), count)):
            judged = self._agree_at(k, a, b)
            if judged is False:
                return False
            seen = seen or judged is True
        return seen

    def _agree_at(self, k: int, a: TypedLine, b: TypedLine) -> bool | None:
        x, y = self.value(k, a), self.value(k, b)
        if x is None or y is None:
            return None
        values = self._made[k]
        apart = differences(x, y, values)
        if not apart.any():
            certain = isinstance(values.arithmetic, Modular | HighPrecision)
            return True if certain or np.any(x) else None  # both may be too small for float64
        if isinstance(values.arithmetic, Modular):
            return False
        if isinstance(values.arithmetic, HighPrecision):
            return None if _vanish(x, y) else self._is_rounding(x, y, values, a, b)
        doubtful = np.flatnonzero(~_everywhere(~apart)) if values.stacked else [0]
        return all(self._agree_precisely(k, int(j), a, b) for j in doubtful)

    def _agree_precisely(self, k: int, j: int, a: TypedLine, b: TypedLine) -> bool:
        """Whether two lines are equal with 50 digits at the j-th of the points that are stacked at k."""
        if (k, j) not in self._twins:
            self._twins[k, j] = self.precise(self._made[k].point(j))
        twin = self._twins[k, j]
        x, y = evaluate_line(twin, a), evaluate_line(twin, b)
        if x is None or y is None:
            return False
        return not differences(x, y, twin).any() or self._is_rounding(x, y, twin, a, b)

    def _is_rounding(self, x: Array, y: Array, values: Values, a: TypedLine, b: TypedLine) -> bool:
        """Whether two lines differ by rounding alone, as 0 and u/m - u m/m² do: more digits close the gap."""
        with values.arithmetic.calculating():
            gap = np.max(np.asarray(np.abs(x - y)), initial=0)
        if id(values) not in self._finer:
            self._finer[id(values)] = self.precise(values, values.arithmetic.digits + DIGITS)
        finer = self._finer[id(values)]
        x, y = evaluate_line(finer, a), evaluate_line(finer, b)
        if x is None or y is None:
            return False
        with finer.arithmetic.calculating():
            return bool(np.all(np.abs(x - y) <= gap * CLOSED))

    def follows(self, line: TypedLine, before: TypedLine, count: int | None = None) -> TypedLine | None:
        """The line in the reading in which it equals the one before, by all or so many points; None for none."""
        if self.agree(line, before, count):
            return line
        for reading in self.model.partials.other_readings(line.value):
            other = replace(line, reading=reading)
            if self.agree(other, before, count):
                return other
        return None


def evaluate_line(values: Values, line: TypedLine) -> Array | None:
    """The values of a line at a point, with an axis for each letter on the left; None where it divides by 0."""
    try:
        return values.evaluate(line.value, line.letters, line.of, line.reading)
    except ZeroDivisionError:
        return None


def differences(x: Array, y: Array, values: Values) -> Array:
    """Where two lines differ at a point, or at each of several that are stacked.

    By more than the tolerance times the largest value of the point, or because one is undefined.
    """
    arithmetic = values.arithmetic
    if isinstance(arithmetic, Modular):
        return np.asarray(x != y)
    if isinstance(arithmetic, HighPrecision):
        flat = [(a, b) for a, b in zip(np.ravel(x), np.ravel(y), strict=True)]
        with arithmetic.calculating():
            scale = max([abs(v) for pair in flat for v in pair if v.is_finite()], default=0)
            bound = scale * tolerance(arithmetic)
            return np.array([not abs(a - b) <= bound for a, b in flat], dtype=bool).reshape(np.shape(x))
    largest = np.maximum(np.abs(np.where(np.isfinite(x), x, 0)), np.abs(np.where(np.isfinite(y), y, 0)))
    axes = tuple(range(1 if values.stacked else 0, largest.ndim))
    scale = largest.max(axis=axes, keepdims=True, initial=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(~(np.abs(x - y) <= scale * float(tolerance(arithmetic))))


def _vanish(x: Array, y: Array) -> bool:
    """Whether two lines differ, and by less than float64 can hold: what a mask of -1e9 leaves of 1 - exp(0)."""
    with HighPrecision(DIGITS).calculating():
        largest = max((abs(value) for value in (*np.ravel(x), *np.ravel(y))), default=0)
        return bool(0 < largest < VANISHING)


def _everywhere(answers: Array) -> Array:
    """Of each stacked point: whether the answer is yes in all places."""
    return np.asarray(answers).reshape(len(answers), -1).all(axis=1)
