"""Random points at which steps of a derivation are compared.

A point has small whole sizes, exact rational inputs that satisfy the program's assumptions, and every array of the
program, in high precision or (where the program is rational) modulo a prime.
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from chainrule.derive.evaluation.arithmetic import Adic, Array, Floating, HighPrecision, Modular
from chainrule.derive.evaluation.assumed_forms import orthonormal_form, satisfy_forms
from chainrule.derive.evaluation.branches import (
    STEERED,
    UNIT,
    Branch,
    apart,
    asks_of_data,
    comparisons_in,
    is_equality,
    is_tie,
    steer,
    upstream_of,
)
from chainrule.derive.evaluation.cancelling import cancelled_extremum
from chainrule.derive.evaluation.conditioning import matrix_functions, well_conditioned
from chainrule.derive.evaluation.domains import MIXED, Domain, Domains, list_domains
from chainrule.derive.evaluation.evaluator import evaluate, evaluate_each, evaluate_expr
from chainrule.derive.evaluation.places import draw_places, extent_of, is_place, numbers_beside
from chainrule.derive.evaluation.sizes import give_room, infer_sizes
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Add,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Partial,
    Position,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    add,
    elements_in,
    neg,
)
from chainrule.derive.language.programs.program import Program

MAX_EXTENT, MAX_VALUES = 300_000, 3_000_000  # of one step; of all steps, where the gallery takes up to 600,000
BRANCH_DRAWS, REDRAWN = 30, 1000  # seeds of points on branches begin at 2, of those drawn again at 1000
DRAWS, STEERED_DRAWS = 200, 4  # of a point in given domains
WINDOWED = {1: 5, 2: 4}  # the size of an axis that is read at shifted places, by how many there are


class ProgramPoint:
    """Values for every array of a program; `arrays` grows as gradients become known."""

    def __init__(
        self,
        program: Program,
        seed: int,
        arithmetic: Floating | None = None,
        claims: Sequence[Compare] = (),
        domains: Domains | None = None,
        is_compared: bool = False,
        wanted: Mapping[str, int] | None = None,
    ) -> None:
        """claims: comparisons of data that shall hold in some places; such a point is held to differences too.

        domains: where the inputs lie; without them the widest in which the program is defined.
        is_compared: whether it is held to differences, as the point of seed 0 is.
        wanted: sizes of dimensions, by their letters.
        """
        self.program, self.claims, self.wanted = program, claims, dict(wanted or {})
        self.matrices = matrix_functions(program.expressions)
        orthonormal = any(orthonormal_form(assumption.claim) for assumption in program.assumptions)
        self.asks_of_shapes = orthonormal or bool(self.matrices)
        self.is_compared = is_compared or not seed or bool(claims)
        self.arithmetic = arithmetic or HighPrecision()
        self.rng = np.random.default_rng(seed)
        tried = (
            [domains] * (STEERED_DRAWS if claims else DRAWS)
            if domains is not None
            else list_domains(program, np.random.default_rng(0))
        )
        again = 6 if self.asks_of_shapes else 2
        first = [next(iter(list_domains(program, self.rng)))] * again if domains is None else []
        self.inputs, self.sizes = self._sample(itertools.chain(first, tried))
        self.arrays = {name: self.arithmetic.array(value) for name, value in self.inputs.items()}
        self.arrays |= evaluate(program, self.inputs, sizes=self.sizes, arithmetic=self.arithmetic)
        for output in program.outputs:
            shape = np.shape(self.arrays[output])
            is_loss = not shape and len(program.outputs) == 1  # the end of the chain: its own gradient is 1
            cotangent = np.array(Fraction(1), dtype=object) if is_loss else self._fractions(shape)
            self.inputs[f"d{output}"] = cotangent
            self.arrays[f"d{output}"] = self.arithmetic.array(cotangent)

    def value(self, expr: Expr, letters: tuple[str, ...], dimensions: Mapping[str, str], total: bool = False) -> Array:
        """The values of an expression at the point, as `values` has those of several."""
        return next(self.values([expr], letters, dimensions, total))

    def values(
        self, exprs: Sequence[Expr], letters: tuple[str, ...], dimensions: Mapping[str, str], total: bool = False
    ) -> Iterator[Array]:
        """The values of expressions at the point, each as it is asked for; `dimensions` has those of their letters.

        A derivative holds all other arrays fixed, or (`total`) lets those change that the program computes.
        """
        sizes = {letter: self.sizes[home] for letter, home in dimensions.items() if home in self.sizes}
        perturbed = self._recomputed if total else self._perturbed
        return evaluate_each(exprs, self.arrays, sizes, letters, self.arithmetic, perturbed)

    def _perturbed(self, name: str, place: tuple[int, ...], amount: Any) -> Mapping[str, Array]:
        """All arrays with one element of one of them changed, and nothing else: the derivative is a partial one."""
        changed = self.arrays[name].copy()
        changed[place] = changed[place] + amount
        return {**self.arrays, name: changed}

    def _recomputed(self, name: str, place: tuple[int, ...], amount: Any) -> Mapping[str, Array]:
        """All arrays with one element of an input changed, and what the program makes of it."""
        arrays = dict(self._perturbed(name, place, amount))
        sizes = {letter: self.sizes[home] for letter, home in self.program.dimensions.of.items()}
        for statement in self.program.statements:
            if any(arrays[other] is not self.arrays[other] for other in statement.value.names):
                target = statement.target
                arrays[target.name] = evaluate_expr(statement.value, arrays, sizes, statement.letters, self.arithmetic)
        return arrays

    def _sample(self, domains: Iterable[Domains]) -> tuple[dict[str, Array], dict[str, int]]:
        """Inputs in the first of these domains in which the program is real and its assumptions hold."""
        open_one = ""
        for attempt, self.domains in enumerate(domains):
            sizes = self._roomy(self._sizes(attempt))
            shapes = self._shapes(sizes)
            self._check_extent(sizes, shapes)
            inputs = {name: self._fractions(shape, self.domains.get(name, MIXED)) for name, shape in shapes.items()}
            inputs |= {name: np.array(Fraction(1), dtype=object) for name in self.program.subscript_scalars}
            try:
                full = infer_sizes(self.program, shapes, _scalars(inputs), sizes)
                inputs |= _exact(draw_places(self.program, full, self.rng))
                self._satisfy_assumptions(inputs)
                if self.claims:
                    inputs = self._steered(inputs, full)
                    self._satisfy_assumptions(inputs)
                if isinstance(self.arithmetic, Modular):
                    evaluate(self.program, inputs, sizes=full, arithmetic=self.arithmetic)
                    return inputs, full
                if open_one := self._undefined(inputs, full, Floating()):
                    continue
                values = evaluate(self.program, inputs, sizes=full, arithmetic=HighPrecision(20))
            except ZeroDivisionError:
                continue
            finite = all(map(_is_finite, values.values()))
            if finite and self._assumed(inputs, values, full) and self._well_conditioned(inputs, values, full):
                return inputs, full
        where = (
            f" (line {self.program.defined[open_one].line}: `{open_one}` divides by 0, or takes " if open_one else ""
        )
        what = f"{where}a root, logarithm or power that does not exist)" if open_one else ""
        what = tell_infinity(self.program) or what
        raise EquationError(f"found no point where the program is defined and its assumptions hold{what}")

    def _undefined(self, inputs: Mapping[str, Array], sizes: Mapping[str, int], number: Floating) -> str:
        """The first array that has an entry which is no number; an empty name where there is none."""
        values = evaluate(self.program, inputs, sizes=sizes, arithmetic=number)
        return next((name for name, value in values.items() if not _is_finite(value)), "")

    def _check_extent(self, sizes: Mapping[str, int], shapes: Mapping[str, tuple[int, ...]]) -> None:
        """A step has values for all indices of a line and all of an input: refuse a program that has too many."""
        largest = max((math.prod(shape) for shape in shapes.values()), default=1)
        operations = sum(1 for statement in self.program.statements for _ in statement.value.walk())
        for statement in self.program.statements:
            letters = statement.target.letters | statement.value.letters
            extent = math.prod(sizes.get(self.program.dimensions.of[letter], 2) for letter in letters)
            if extent * largest > min(MAX_EXTENT, MAX_VALUES / max(1, operations * len(shapes))):
                raise EquationError(
                    f"line {statement.line} has too many indices ({', '.join(sorted(letters))}) or too large sizes "
                    "to be proven at random points; split it with intermediate names, or assume smaller sizes"
                )

    def _well_conditioned(
        self, inputs: Mapping[str, Array], values: Mapping[str, Array], sizes: Mapping[str, int]
    ) -> bool:
        arrays = {name: array.astype(float) for name, array in [*inputs.items(), *values.items()]}
        return well_conditioned(self.matrices, lambda e, letters: evaluate_expr(e, arrays, sizes, letters))

    def _shapes(self, sizes: Mapping[str, int]) -> dict[str, tuple[int, ...]]:
        return {name: tuple(sizes[a] for a in self.program.axes(name)) for name in self.program.inputs}

    def _roomy(self, sizes: dict[str, int]) -> dict[str, int]:
        """The sizes with larger axes below windows, where they leave no room for two."""
        numbers = dict.fromkeys(self.program.subscript_scalars, 1.0)
        shifted = {self.program.axes(name)[k] for name, k in shifted_axes(self.program.expressions)}

        def infer(tried: dict[str, int]) -> dict[str, int] | None:
            try:
                return infer_sizes(self.program, self._shapes(tried), numbers, tried)
            except EquationError:
                return None

        fixed = {*self.program.assumed_sizes, *self.wanted}
        return give_room(sizes, shifted & sizes.keys(), infer, fixed)[0] if shifted else sizes

    def _sizes(self, attempt: int = 0) -> dict[str, int]:
        """Sizes of the dimensions of the inputs: those assumed, large ones under windows, else 2 to 4, seldom equal."""
        shifted = {self.program.axes(name)[k] for name, k in shifted_axes(self.program.expressions)}
        assumed = self.program.assumed_sizes
        sizes: dict[str, int] = {}
        rank = max(map(len, self.program.dimensions.axes.values()))
        small = [2, 3, 4] if rank <= 2 else [2, 3] if rank == 3 else [2, 2, 3, 2] if not shifted else [2]
        for name in self.program.inputs:
            for letter in self.program.axes(name):
                if self.asks_of_shapes:  # A Aᵀ has an inverse where A is wide, Aᵀ A where it is tall
                    small = [small[(attempt + k) % len(small)] for k in range(len(small))]
                    attempt = 0
                default = WINDOWED.get(len(shifted), 3) if letter in shifted else small[len(sizes) % len(small)]
                sizes.setdefault(letter, assumed.get(letter, default))
        return {**assumed, **sizes, **self.wanted}

    def _fractions(self, shape: tuple[int, ...], domain: Domain = MIXED) -> Array:
        count = int(np.prod(shape))
        drawn = self.rng.integers(320, 1760, size=count) / UNIT * self.rng.choice([-1, 1], size=count)
        array = np.empty(count, dtype=object)
        array[:] = [Fraction(float(value)) for value in np.ravel(domain.place(drawn.reshape(shape)))]
        return array.reshape(shape)

    def _satisfy_assumptions(self, inputs: dict[str, Array]) -> None:
        """Bring arrays to what is assumed of them in a known form, and make those positive that are assumed to be."""
        satisfy_forms([assumption.claim for assumption in self.program.assumptions], inputs)
        for assumption in self.program.assumptions:
            claim = assumption.claim
            match claim.left, claim.relation, claim.right:
                case Ref(name, _), ">" | ">=", Num(value) if name in inputs:
                    inputs[name] = np.asarray(abs(inputs[name]) + value, dtype=object)

    def _steered(self, inputs: dict[str, Array], sizes: Mapping[str, int]) -> dict[str, Array]:
        """The inputs with those that are compared drawn from what they are compared with."""
        given = {name: value.astype(float) for name, value in inputs.items()}

        def look(given: Mapping[str, Array]) -> Callable[[Expr, tuple[str, ...]], Array]:
            arrays = {**given, **evaluate(self.program, given, sizes=sizes, arithmetic=Floating())}
            return lambda expr, letters: evaluate_expr(expr, arrays, sizes, letters, Floating())

        for k in self.rng.permutation(len(self.claims))[:STEERED]:
            claim = self.claims[k]
            upstream = upstream_of(self.program, claim.names) - self.program.whole
            if self.rng.random() < 0.8:
                fits = partial(self._fits, sizes)
                given = steer(claim, given, look, self.rng, fits, upstream, not is_equality(claim))
        return _exact(given)

    def _fits(self, sizes: Mapping[str, int], name: str, value: float) -> bool:
        if name in self.program.index_arrays:
            return is_place(value, extent_of(name, self.program, sizes), numbers_beside(name, self.claims))
        return name not in self.program.subscript_scalars and self.domains.get(name, MIXED).holds(value)

    def answers(self, claim: Compare) -> set[bool]:
        """Which answers a comparison has at the point."""
        found = self.value(claim, tuple(sorted(claim.free)), self.program.dimensions.of)
        return {bool(answer) for answer in np.ravel(found != 0)}

    def tied_extremum(self) -> Expr | None:
        """A maximum or minimum, over an index or of several arguments, that is attained in more than one place."""
        for node in (node for s in self.program.statements for node in s.value.walk()):
            count = _times_attained(node)
            if not count:
                continue
            times = self.value(count, tuple(sorted(node.free)), self.program.dimensions.of)
            if np.any(np.asarray(times, dtype=float) > 1):
                return node
        return None

    def at_kink(self, elsewhere: "ProgramPoint", claims: Iterable[Compare]) -> bool:
        """Whether the sides of a comparison with < or > are equal, where they are not so elsewhere: no gradient."""
        of = self.program.dimensions.of
        gaps = [apart(claim) for claim in claims if not is_equality(claim)]
        pairs = ((self.value(*gap, of), elsewhere.value(*gap, of)) for gap in gaps)
        return any(here.shape == there.shape and np.any((here == 0) & (there != 0)) for here, there in pairs)

    def _assumed(self, inputs: Mapping[str, Array], values: Mapping[str, Array], sizes: Mapping[str, int]) -> bool:
        number = HighPrecision(20)
        arrays = {**{name: number.array(value) for name, value in inputs.items()}, **values}

        def evaluate_here(expr: Expr, letters: tuple[str, ...]) -> Array:
            return evaluate_expr(expr, arrays, sizes, letters, number)

        return all(holds(a.claim, evaluate_here, 1e-9) for a in self.program.assumptions)


def _times_attained(node: Expr) -> Expr | None:
    """In how many places a maximum or minimum is attained; None of anything else."""
    match node:
        case Reduce("max" | "min", _, _):
            plain = cancelled_extremum(node)
            return Reduce("sum", plain.indices, Compare("==", plain.body, plain)) if plain.indices else None
        case Call("max" | "min", arguments) if len(arguments) > 2:  # of two, it is a comparison of the proof
            return add(*(Compare("==", argument, node) for argument in arguments))
    return None


def tell_infinity(program: Program) -> str:
    """What to do about a mask of -inf, in brackets; nothing where no line has one."""
    for statement in program.statements:
        if any(isinstance(node, Const) and node.name == "inf" for node in statement.value.walk()):
            return (
                f" (line {statement.line}: `{statement.target.name}` is infinite, and what is infinite is not "
                "calculated with; write a large number for inf, such as 1e9)"
            )
    return ""


def holds(claim: Compare, evaluate_at: Callable[[Expr, tuple[str, ...]], Array], tolerance: Any) -> bool:
    """Whether an assumption is true for all its indices, an equality to a tolerance."""
    letters = tuple(sorted(claim.free))
    if claim.relation != "==":
        return bool(np.all(evaluate_at(claim, letters) != 0))
    gap = evaluate_at(add(claim.left, neg(claim.right)), letters)
    return bool(np.all(np.asarray(np.abs(gap), dtype=float) <= tolerance))


def shifted_axes(exprs: Iterable[Expr]) -> Iterator[tuple[str, int]]:
    """The arrays and axes that anything but a plain index runs along, as in `X[i+a]`; they must be long enough."""
    for expr in exprs:
        for element in elements_in(expr):
            plain = [index.letter or index.lookups for index in element.indices]
            yield from ((element.name, k) for k, known in enumerate(plain) if not known)


def is_rational(expr: Expr) -> bool:
    """Whether an expression has a value modulo a prime: + - * /, whole powers, sums, and comparisons of positions."""
    match expr:
        case Pow(base, exponent):
            return isinstance(exponent, Num) and exponent.value.denominator == 1 and is_rational(base)
        case Compare(_, left, right):
            return all(_is_position(side) for side in (left, right))
        case Reduce(operation, _, body):
            return operation in ("sum", "mean", "prod") and is_rational(body)
        case Num() | Position() | Ref() | Size() | Delta():
            return True
        case Neg() | Add() | Mul() | Div() | Where() | Partial():
            return all(map(is_rational, expr.children))
        case _:
            return False


def _is_position(expr: Expr) -> bool:
    """Positions are small and not negative, so remainders compare as they do."""
    match expr:
        case Num(value):
            return value >= 0 and value.denominator == 1
        case Add(terms):
            return all(map(_is_position, terms))
        case _:
            return isinstance(expr, Position | Size)


def points_for(program: Program) -> list[ProgramPoint]:
    """Two high-precision points; for a rational program one, and two where whole numbers are counted exactly."""
    if not program.loops and all(is_rational(statement.value) for statement in program.statements):
        return [ProgramPoint(program, 0), ProgramPoint(program, 1, Adic()), ProgramPoint(program, 2, Modular())]
    first = _untied(ProgramPoint(program, 0))
    try:
        points = [first, _untied(ProgramPoint(program, 1, domains=first.domains))]
    except EquationError:  # it was by chance that the first lies where the program is defined
        second = ProgramPoint(program, 1)
        first = ProgramPoint(program, 0, domains=second.domains)
        points = [first, second]
    claims = _data_comparisons(program)
    if not claims:
        return points
    first, second = points
    first = _drawn_until(first, lambda new: not new.at_kink(second, claims))
    second = _drawn_until(second, lambda new: not new.at_kink(first, claims))
    return [first, second, *_branch_points(program, claims, first)]


def _untied(point: ProgramPoint) -> ProgramPoint:
    """The point, or another where no extremum is attained twice by chance."""
    return _drawn_until(point, lambda new: not new.tied_extremum())


def _drawn_until(point: ProgramPoint, fits: Callable[[ProgramPoint], bool]) -> ProgramPoint:
    """The point, or another of the same kind that fits, if there is one; else the point."""
    if fits(point):
        return point
    seeds = range(REDRAWN, REDRAWN + 5)
    others = (ProgramPoint(point.program, seed, is_compared=point.is_compared, domains=point.domains) for seed in seeds)
    return next((other for other in others if fits(other)), point)


def list_untaken(program: Program, points: Sequence[ProgramPoint]) -> list[Branch]:
    """The comparisons of data of which an answer occurs at none of the points, though it was searched for."""
    branches = []
    for claim in _data_comparisons(program):
        answers = set().union(*(point.answers(claim) for point in points))
        branches.append(Branch(claim, True in answers, False in answers))
    return [branch for branch in branches if not branch.complete]


def _data_comparisons(program: Program) -> list[Compare]:
    claims = comparisons_in(statement.value for statement in program.statements)
    return [claim for claim in claims if asks_of_data(claim) and not is_tie(claim)]


def _branch_points(program: Program, claims: Sequence[Compare], first: ProgramPoint) -> list[ProgramPoint]:
    """Points at which every comparison of data is true somewhere and false somewhere, as far as such are found."""
    points: list[ProgramPoint] = []
    tied = first.tied_extremum()  # then it is so everywhere
    missing = {claim: {True, False} for claim in claims}
    for seed in range(2, 2 + BRANCH_DRAWS):
        try:
            point = ProgramPoint(program, seed, claims=claims, domains=first.domains)
        except EquationError:  # nothing near the branches is defined
            continue
        if (point.tied_extremum() and not tied) or point.at_kink(first, claims):
            continue
        if len(points) < 2 or any(missing[claim] & point.answers(claim) for claim in claims):
            points.append(point)
            missing = {claim: missing[claim] - point.answers(claim) for claim in claims}
        if len(points) >= 2 and not any(missing.values()):
            break
    return points


def _exact(arrays: Mapping[str, Array]) -> dict[str, Array]:
    exact = np.vectorize(lambda value: Fraction(float(value)), otypes=[object])
    return {name: np.asarray(exact(value), dtype=object) for name, value in arrays.items()}


def _is_finite(values: Array) -> bool:
    return bool(np.all(np.isfinite(np.asarray(values, dtype=float))))


def _scalars(inputs: Mapping[str, Array]) -> dict[str, float]:
    return {name: float(value[()]) for name, value in inputs.items() if np.ndim(value) == 0}
