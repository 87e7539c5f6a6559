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
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array, Floating, HighPrecision, Modular
from chainrule.derive.evaluation.branches import (
    Branch,
    asks_of_data,
    comparisons_in,
    constant_of,
    far_places,
    has_kink,
    is_constant,
    is_equality,
    is_tie,
    steer,
    upstream_of,
)
from chainrule.derive.evaluation.conditioning import matrix_functions
from chainrule.derive.evaluation.points import is_rational
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Call,
    Compare,
    Expr,
    Num,
    Reduce,
    Where,
    add,
    neg,
)
from chainrule.derive.language.functions import EXTREMA, FUNCTIONS
from chainrule.derive.prover.partials import DIRECT, dimension
from chainrule.derive.prover.points import (
    Domains,
    draw_given,
    draw_residues,
    draw_sizes,
    find_domains,
    free_homes,
    is_defined,
    is_finite,
    satisfy,
    tolerance,
)
from chainrule.derive.prover.reading import TypedLine
from chainrule.derive.prover.truth import Model, Values

EXACT_POINTS, PRECISE_POINTS = 5, 2
BRANCH_POINTS, PRECISE_BRANCH_POINTS, STEERED_DRAWS = 150, 4, 20
SCALES = (1.0, 0.5, 2.0, 1.0, 0.25, 3.0)


def has_kinks(expr: Expr) -> bool:
    """Whether a function has branches: it is analytic on each, but a wrong line may be right on some."""
    for node in expr.walk():
        match node:
            case Call(function, _) if function in EXTREMA or FUNCTIONS[function].has_kink:
                return True
            case Reduce(operation, _, _) if operation in EXTREMA:
                return True
            case Where() | Compare():
                return True
    return False


def largest_bound(exprs: Iterable[Expr]) -> float:
    """The largest number that something is compared with, 1 at least."""
    kinds = [node for expr in exprs for node in expr.walk() if isinstance(node, Compare | Call)]
    return max([1.0, *(abs(float(n.value)) for kind in kinds for n in kind.children if isinstance(n, Num))])


class Points:
    """The points at which the lines of one derivation are compared.

    `lines` are all expressions that will be compared, `wanted` the names whose gradients are claimed.
    """

    def __init__(self, model: Model, typed: list[TypedLine], wanted: Iterable[str], seed: int = 0) -> None:
        self.model, self.wanted = model, tuple(wanted)
        self.rng = np.random.default_rng(seed)
        lines = [line.value for line in typed]
        self.matrices = matrix_functions(model.expressions)
        said = [s.value for s in model.program.statements] + [s.value for s in model.shorthands.values()]
        self.exact = all(map(is_rational, [*said, *lines]))
        self.exact = self.exact and all(
            is_rational(side)
            for a in model.program.assumptions
            if a.claim.relation == "=="
            for side in a.claim.children
        )
        everything = [*model.expressions, *lines]
        self.branch_scale = largest_bound(everything) if any(map(has_kinks, everything)) else 0.0
        of = model.program.dimensions.of
        parts = [(expr, of) for expr in model.expressions] + [(line.value, line.of) for line in typed]
        self.claims = {claim: homes for expr, homes in parts for claim in comparisons_in([expr]) if not is_tie(claim)}
        for assumption in model.program.assumptions:
            self.claims.pop(assumption.claim, None)
        self._upstream = {claim: upstream_of(model.program, claim.names) for claim in self.claims}
        self.compared = self._numbers_compared()
        self.labels = {name for claim in self.claims if is_equality(claim) for name in claim.names}
        self.least: dict[str, int] = {}
        for claim, homes in self.claims.items():
            for letter, size in far_places([claim]).items():
                home = dimension(letter, homes)
                self.least[home] = max(size, self.least.get(home, 0))
        self.domains: Domains = find_domains(model, self.wanted, self.rng)
        self.all = list(self._exact_points() if self.exact else self._real_points())
        self.branches = tuple(map(self._record, self.claims))
        self._twins: dict[int, Values] = {}
        self._known: dict[tuple[int, TypedLine], Array | None] = {}

    def _exact_points(self) -> Iterator[Values]:
        for sizes in self._sizes(EXACT_POINTS, 300_000):
            yield self._drawn(partial(self._residues, sizes))

    def _real_points(self) -> Iterator[Values]:
        for sizes in self._sizes(PRECISE_POINTS, 3_000):
            yield self.precise(self._drawn(partial(self._floating, sizes, 1.0)))
        for sizes, scale in zip(self._sizes(len(SCALES), 100_000), SCALES, strict=True):
            yield self._drawn(partial(self._floating, sizes, scale))
        if self.branch_scale:
            yield from self._branch_points()

    def _branch_points(self) -> Iterator[Values]:
        """Points that reach all branches."""
        several = self._sizes(4, 2_000)
        for k in range(BRANCH_POINTS):
            scale = SCALES[k % len(SCALES)] * (self.branch_scale if k % 3 else 1.0)
            values = self._on_branches(several[k % len(several)], scale)
            yield self.precise(values) if k < PRECISE_BRANCH_POINTS else values

    def _on_branches(self, sizes: dict[str, int], scale: float) -> Values:
        """A point at which comparisons of data hold in some places, and where nothing lies at a kink."""
        asked = [claim for claim in self.claims if asks_of_data(claim)]
        for _ in range(STEERED_DRAWS if asked else 0):
            given = self._floating(sizes, scale).arrays
            given = {name: given[name] for name in self.model.given}
            for k in self.rng.permutation(len(asked)):
                if self.rng.random() < 0.8:
                    given = self._steered(asked[k], given, sizes)
            values = satisfy(Values(self.model, sizes, given))
            if values and all(is_finite(values[f"d{name}"]) for name in self.wanted) and self._is_smooth(values):
                return values
        return self._drawn(partial(self._floating, sizes, scale))

    def _steered(self, claim: Compare, given: dict[str, Array], sizes: dict[str, int]) -> dict[str, Array]:
        def look(given: Mapping[str, Array]) -> Callable[[Expr, tuple[str, ...]], Array]:
            values = Values(self.model, sizes, given)
            return lambda expr, letters: values.evaluate(expr, letters, self.claims[claim])

        return steer(claim, given, look, self.rng, self._fits, self._upstream[claim], self._bends(claim))

    def _fits(self, name: str, value: float) -> bool:
        if name in self.model.program.subscript_scalars:
            return False
        domain = self.domains.get(name, "mixed")
        return domain == "mixed" or (value > 0 and (domain == "positive" or value < 1))

    def _bends(self, claim: Compare) -> bool:
        """Whether a gradient is taken through what is compared, so that it has none where the sides are equal."""
        return has_kink(claim) and not self._upstream[claim].isdisjoint(self.wanted)

    def _is_smooth(self, values: Values) -> bool:
        """Whether no comparison is at its kink."""
        for claim, of in self.claims.items():
            if self._bends(claim):
                gap = values.evaluate(add(claim.left, neg(claim.right)), tuple(sorted(claim.free)), of)
                if np.any(gap == 0):
                    return False
        return True

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
        return [b for b in self.branches if not b.complete and not is_constant(b.claim, program, self.claims[b.claim])]

    def _residues(self, sizes: dict[str, int]) -> Values:
        return Values(self.model, sizes, draw_residues(self.model, sizes, self.rng), Modular())

    def _floating(self, sizes: dict[str, int], scale: float) -> Values:
        return Values(self.model, sizes, draw_given(self.model, sizes, self.rng, self.domains, scale))

    def _draw_sizes(self, room: int) -> dict[str, int]:
        """Sizes at which the matrices of the program have inverses: A Aᵀ where A is wide, Aᵀ A where it is tall."""
        for _ in range(30):
            sizes = draw_sizes(self.model, self.rng, room, self.least)
            if not self.matrices or any(self._is_defined(self._floating(sizes, 1.0)) for _ in range(3)):
                break
        return sizes

    def _sizes(self, count: int, room: int) -> list[dict[str, int]]:
        """Sizes for some points; every two dimensions differ at one of them, if they can."""
        pairs = list(itertools.combinations(free_homes(self.model), 2))
        best: list[dict[str, int]] = []
        missed = len(pairs) + 1
        for _ in range(10):
            chosen = [self._draw_sizes(room) for _ in range(count)]
            alike = sum(all(sizes[a] == sizes[b] for sizes in chosen) for a, b in pairs)
            if alike < missed:
                best, missed = chosen, alike
            if not missed:
                break
        return best

    def _drawn(self, draw: Callable[[], Values]) -> Values:
        for _ in range(100):
            try:
                values = satisfy(draw())
                if values and self._is_defined(values):
                    return values
            except ZeroDivisionError:
                continue
        raise EquationError("no values of the inputs were found at which all that is assumed holds")

    def _is_defined(self, values: Values) -> bool:
        if self.matrices:
            return is_defined(values, self.wanted)
        return all(is_finite(values[f"d{name}"]) for name in self.wanted)

    def precise(self, values: Values) -> Values:
        """The same point with 50 digits."""
        given = {name: values.arrays[name] for name in self.model.given}
        precise = satisfy(Values(self.model, values.sizes, given, HighPrecision(50)))
        if precise is None:
            raise EquationError("an assumption holds in float64 but not with 50 digits; write it as an equality")
        return precise

    def value(self, k: int, line: TypedLine) -> Array | None:
        """The values of a line at point k; None where it divides by 0 there."""
        if (k, line) not in self._known:
            self._known[k, line] = evaluate_line(self.all[k], line)
        return self._known[k, line]

    def agree(self, a: TypedLine, b: TypedLine) -> bool:
        """Whether two lines are equal."""
        seen = False
        for k in range(len(self.all)):
            judged = self._agree_at(k, a, b)
            if judged is False:
                return False
            seen = seen or judged is True
        return seen

    def _agree_at(self, k: int, a: TypedLine, b: TypedLine) -> bool | None:
        x, y = self.value(k, a), self.value(k, b)
        if x is None or y is None:
            return None
        arithmetic = self.all[k].arithmetic
        if not differences(x, y, arithmetic).any():
            return True
        if isinstance(arithmetic, Modular | HighPrecision):
            return False
        if k not in self._twins:
            self._twins[k] = self.precise(self.all[k])
        twin = self._twins[k]
        x, y = evaluate_line(twin, a), evaluate_line(twin, b)
        return x is not None and y is not None and not differences(x, y, twin.arithmetic).any()

    def follows(self, line: TypedLine, before: TypedLine) -> TypedLine | None:
        """The line in the reading in which it equals the one before; None where it does in none."""
        if self.agree(line, before):
            return line
        if self.model.partials.has_derivatives(line.value):
            direct = replace(line, reading=DIRECT)
            return direct if self.agree(direct, before) else None
        return None


def evaluate_line(values: Values, line: TypedLine) -> Array | None:
    """The values of a line at a point, with an axis for each letter on the left; None where it divides by 0."""
    try:
        return values.evaluate(line.value, line.letters, line.of, line.reading)
    except ZeroDivisionError:
        return None


def differences(x: Array, y: Array, arithmetic: Floating) -> Array:
    """Where two arrays differ: by more than the tolerance times the largest value, or because one is undefined."""
    if isinstance(arithmetic, Modular):
        return np.asarray(x != y)
    if isinstance(arithmetic, HighPrecision):
        flat = [(a, b) for a, b in zip(np.ravel(x), np.ravel(y), strict=True)]
        scale = max([abs(v) for pair in flat for v in pair if arithmetic.context.isfinite(v)], default=0)
        bound = scale * tolerance(arithmetic)
        return np.array([not abs(a - b) <= bound for a, b in flat], dtype=bool).reshape(np.shape(x))
    size = np.abs(np.where(np.isfinite(x), x, 0)), np.abs(np.where(np.isfinite(y), y, 0))
    scale = max(float(np.max(part, initial=0)) for part in size)
    with np.errstate(invalid="ignore"):
        return np.asarray(~(np.abs(x - y) <= scale * tolerance(arithmetic)))
