"""The branches of a program: what it compares, values that take every branch, and which were taken.

Random reals never equal a class number, and seldom pass a threshold of 1000. So data that are compared are drawn from
what they are compared with and from its neighbours.
"""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array
from chainrule.derive.language.expressions import (
    ZERO,
    Call,
    Compare,
    Expr,
    Neg,
    Num,
    Position,
    Reduce,
    Ref,
    Size,
    Started,
    add,
    neg,
)
from chainrule.derive.language.functions import EXTREMA, find_function
from chainrule.derive.language.printer import show
from chainrule.derive.language.programs.program import Program

Look = Callable[[Expr, tuple[str, ...]], Array]  # the values of an expression over these letters
Fits = Callable[[str, float], bool]  # whether an input may have a value

STEPS = 8  # of the secant method; a comparison of sums and products needs one
NEAR_AND_FAR = (-7, 0.2)  # powers of ten: how far from a threshold values are drawn, so that none near it is missed
STEERED = 6  # comparisons at most, of those that shall hold at a point
SCALES = [4.0**k for k in range(-10, 6)]  # of all inputs at once, for what is near 0 in all of them, as a norm
LARGEST_MOVE = 2.0**30  # beyond it a function such as tanh has no value in high precision
LARGEST = 30  # the largest size that a comparison asks for
UNIT = 1024  # inputs are drawn as multiples of 1 / UNIT


def comparisons_in(exprs: Iterable[Expr]) -> list[Compare]:
    """All that is compared in expressions: what `where` asks, the arguments of max and min, and kinks, as of abs."""
    exprs = list(exprs)
    starts = conditions_of_starts(exprs)
    found: dict[Compare, None] = {}
    for node in (node for expr in exprs for node in expr.walk()):
        match node:
            case Compare(_, left, right) if left != right and node not in starts:
                found[node] = None
            case Call(function, arguments) if function in EXTREMA:
                found |= {Compare(">", a, b): None for a, b in itertools.pairwise(arguments) if a != b}
            case Call(function, (argument,)) if find_function(function).has_kink:
                found[Compare(">", argument, ZERO)] = None
    return list(found)


def conditions_of_starts(exprs: Iterable[Expr]) -> set[Expr]:
    """What asks whether an element lies before the first step: the steps themselves take both answers."""
    return {node.condition for expr in exprs for node in expr.walk() if isinstance(node, Started)}


def is_tie(claim: Compare) -> bool:
    """Whether a comparison asks where an extremum is attained; both answers occur of themselves."""
    sides = (claim.left, claim.right)
    return claim.relation in ("==", "!=") and any(isinstance(s, Reduce) and s.operation in EXTREMA for s in sides)


def asks_of_data(claim: Compare) -> bool:
    """Whether arrays decide a comparison, rather than positions and sizes alone."""
    return bool(claim.names)


def asks_of_places(claim: Compare) -> bool:
    """Whether positions or sizes are compared."""
    return any(isinstance(node, Position | Size) for node in claim.walk())


def is_equality(claim: Compare) -> bool:
    """Whether a comparison holds on a thin set only, or everywhere else."""
    return claim.relation in ("==", "!=")


def gap_of(claim: Compare) -> tuple[Expr, tuple[str, ...]]:
    """How far the sides of a comparison are apart, and the letters of that."""
    return add(claim.left, neg(claim.right)), tuple(sorted(claim.free))


def apart(claim: Compare) -> tuple[Expr, tuple[str, ...]]:
    """Where the sides of a comparison differ by more than rounding, which is what it calls equal; its letters."""
    return Compare("!=", claim.left, claim.right), tuple(sorted(claim.free))


def steer(
    claim: Compare,
    given: Mapping[str, Array],
    look: Callable[[Mapping[str, Array]], Look],
    rng: np.random.Generator,
    fits: Fits,
    upstream: Set[str],
    smooth: bool,
) -> dict[str, Array]:
    """The inputs changed so that a comparison holds in some places and not in others.

    upstream: the names that what is compared depends on.
    smooth: whether a gradient is taken through what is compared; then it must not lie at the kink.
    """  # fmt: skip
    sides = [(claim.left, claim.right), (claim.right, claim.left)]
    if rng.random() < 0.5:
        sides.reverse()
    offset = _offsets(claim, rng, smooth)
    for mine, other in sides:
        if not isinstance(mine, Ref) or mine.name not in given or mine.name in other.names:
            continue
        if "" not in mine.axes and len({*mine.axes}) == len(mine.axes):
            return _assign(mine, other, given, look(given), rng, fits, offset)
    return _solve(claim, given, look, rng, fits, sorted(upstream & given.keys()), offset)


def _offsets(claim: Compare, rng: np.random.Generator, smooth: bool) -> Callable[[], float]:
    """How far from what it is compared with a value is drawn."""
    if is_equality(claim):
        return lambda: _one_of((0.0, 0.0, 0.0, 1.0, -1.0, 2.0), rng)
    if smooth:
        return lambda: _one_of((-1.0, 1.0), rng) * float(10 ** rng.uniform(*NEAR_AND_FAR))
    return lambda: _one_of((0.0, 0.0, 1.0, -1.0, 0.25, -0.25), rng)


def _one_of(numbers: Sequence[float] | Array, rng: np.random.Generator) -> float:
    """What `rng.choice` draws, in a third of its time."""
    return float(numbers[int(rng.integers(len(numbers)))])


def _assign(
    mine: Any, other: Expr, given: Mapping[str, Array], look: Look, rng: np.random.Generator, fits: Fits,
    offset: Callable[[], float],
) -> dict[str, Array]:  # fmt: skip
    """Most entries of an input set to values that they are compared with, or near to them."""
    extra = tuple(sorted(other.free - set(mine.axes)))
    values = np.asarray(look(other, (*mine.axes, *extra)), dtype=float)
    array = np.array(given[mine.name], dtype=float)
    for place in np.ndindex(values.shape[: len(mine.axes)]):
        against = np.ravel(values[place])
        value = _one_of(against, rng) + offset() if against.size else np.nan
        if rng.random() < 0.8 and np.isfinite(value) and fits(mine.name, value):
            array[place] = value
    return {**given, mine.name: array}


def _solve(
    claim: Compare, given: Mapping[str, Array], look: Callable[[Mapping[str, Array]], Look],
    rng: np.random.Generator, fits: Fits, names: list[str], offset: Callable[[], float],
) -> dict[str, Array]:  # fmt: skip
    """An input moved as a whole until the two sides are this far apart in one place, by the secant method."""
    (gap, letters), aim = gap_of(claim), offset()
    here = np.ravel(look(given)(gap, letters))
    k = int(rng.integers(here.size))

    def gap_at(moved: Mapping[str, Array]) -> float:
        return float(np.ravel(look(moved)(gap, letters))[k])

    for name in map(str, rng.permutation(names)) if names else ():

        def beside(t: float, name: str = name) -> float:
            return gap_at({**given, name: given[name] + t}) - aim

        found = _root(beside, float(here[k]) - aim)
        if found is None:
            continue
        moved = np.asarray(given[name], dtype=float) + found[0]
        if is_equality(claim):  # to the last digit: the sum of a number and what takes it to 1e-6 has few of its digits
            for _ in range(STEPS):
                moved = moved - (gap_at({**given, name: moved}) - aim) / found[1]
        elif not gap_at({**given, name: moved}) * aim >= 0:
            continue
        if all(fits(name, float(value)) for value in np.ravel(moved)):
            return {**given, name: moved}
    if is_equality(claim) or not here[k] * aim < 0:
        return dict(given)
    for factor in rng.permutation(SCALES):
        scaled = {**given, **{name: factor * np.asarray(given[name], dtype=float) for name in names}}
        if gap_at(scaled) * aim > 0 and all(fits(name, float(v)) for name in names for v in np.ravel(scaled[name])):
            return scaled
    return dict(given)


def _root(function: Callable[[float], float], at_zero: float) -> tuple[float, float] | None:
    """Where a function is about 0, and its slope there, by the secant method from 0; None where it does not work."""
    old, new, before = 0.0, 0.25, at_zero
    for _ in range(STEPS):
        after = function(new)
        slope = (after - before) / (new - old)
        if not np.isfinite(after) or not slope:  # it is too small for a float
            return None
        old, new, before = new, new - after / slope, after
        if abs(new - old) <= 1e-12 * max(abs(new), abs(old)) or abs(after) <= 1e-9 * abs(at_zero):
            break
        if not abs(new) <= LARGEST_MOVE:
            return None
    return (new, slope) if abs(new) <= LARGEST_MOVE else None


def constant_of(expr: Expr) -> Fraction | None:
    """The number that a constant is, with its sign."""
    match expr:
        case Neg(Num(value)):
            return -value
        case Num(value):
            return value
    return None


def far_places(claims: Iterable[Compare]) -> dict[str, int]:
    """The size that an index needs so that a comparison of its position with a number has both answers."""
    needed: dict[str, int] = {}
    for claim in claims:
        if asks_of_places(claim) and not asks_of_data(claim):
            numbers = [abs(int(node.value)) for node in claim.walk() if isinstance(node, Num)]
            for node in claim.walk():
                if isinstance(node, Position | Size):
                    needed[node.index] = max(needed.get(node.index, 0), min(max(numbers, default=0) + 2, LARGEST))
    return needed


def labels_in(claims: Iterable[Compare]) -> set[str]:
    """The arrays whose elements are compared with a position, as in `k == y[s]`, or with 0 or 1, as masks are."""
    sides = [(claim.left, claim.right) for claim in claims if is_equality(claim)]
    return {
        one.name
        for left, right in sides
        for one, other in ((left, right), (right, left))
        if isinstance(one, Ref) and (isinstance(other, Position) or constant_of(other) in (0, 1))
    }


def sizes_compared(claims: Iterable[Compare]) -> dict[str, list[int]]:
    """The sizes that an index needs so that a comparison of its size with a number has both answers."""
    asked: dict[str, set[int]] = {}
    for claim in claims:
        for one, other in ((claim.left, claim.right), (claim.right, claim.left)):
            number = constant_of(other)
            if isinstance(one, Size) and number is not None and 0 <= number <= LARGEST:
                asked.setdefault(one.index, set()).update(max(1, int(number) + step) for step in (-1, 0, 1))
    return {letter: sorted(sizes) for letter, sizes in asked.items()}


@dataclass(frozen=True)
class Branch:
    """A comparison and which of its answers occurred at the points of a proof."""

    claim: Compare
    yes: bool
    no: bool

    @property
    def complete(self) -> bool:
        """Whether both answers occurred."""
        return self.yes and self.no

    @property
    def problem(self) -> str:
        """What keeps a proof from being certain."""
        return f"`{show(self.claim)}` was {'never' if not self.yes else 'always'} true at the points of the proof"


def upstream_of(program: Program, names: Iterable[str]) -> set[str]:
    """The names and all that they are computed from."""
    found, queue = set(), list(names)
    while queue:
        name = queue.pop()
        if name not in found:
            found.add(name)
            queue += program.defined[name].value.names if name in program.defined else ()
    return found


def is_constant(claim: Compare, program: Program, of: Mapping[str, str]) -> bool:
    """Whether positions and sizes alone decide a comparison, and all their sizes are assumed."""
    return not claim.names and all(of.get(letter) in program.assumed_sizes for letter in claim.letters)
