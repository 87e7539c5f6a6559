"""Random points at which steps of a derivation are compared.

A point has small whole sizes, exact rational inputs that satisfy the program's assumptions, and every array of the
program, in high precision or (where the program is rational) modulo a prime.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from chainrule.derive.evaluation.arithmetic import Adic, Array, Floating, HighPrecision, Modular
from chainrule.derive.evaluation.branches import (
    Branch,
    asks_of_data,
    comparisons_in,
    has_kink,
    is_equality,
    is_tie,
    steer,
    upstream_of,
)
from chainrule.derive.evaluation.conditioning import (
    dominate_diagonal,
    matrix_functions,
    square_inputs,
    well_conditioned,
)
from chainrule.derive.evaluation.evaluator import evaluate, evaluate_expr
from chainrule.derive.evaluation.sizes import infer_sizes
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Add,
    Compare,
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
    neg,
)
from chainrule.derive.language.program import Program

MAX_EXTENT = 300_000
BRANCH_DRAWS = 30
WINDOWED = {1: 5, 2: 4}  # the size of an axis that is read at shifted places, by how many there are


class ProgramPoint:
    """Values for every array of a program; `arrays` grows as gradients become known."""

    def __init__(
        self, program: Program, seed: int, arithmetic: Floating | None = None, claims: Sequence[Compare] = ()
    ) -> None:
        """claims: comparisons of data that shall hold in some places; such a point is held to differences too."""
        self.program, self.claims = program, claims
        self.matrices = matrix_functions(program.expressions)
        self.is_compared = not seed or bool(claims)
        self.arithmetic = arithmetic or HighPrecision()
        self.rng = np.random.default_rng(seed)
        self.inputs, self.sizes = self._sample()
        self.arrays = {name: self.arithmetic.array(value) for name, value in self.inputs.items()}
        self.arrays |= evaluate(program, self.inputs, sizes=self.sizes, arithmetic=self.arithmetic)
        shape = np.shape(self.arrays[program.output])
        scalar = not shape  # a loss is the end of the chain: its own gradient is 1
        cotangent = np.array(Fraction(1), dtype=object) if scalar else self._fractions(shape, signed=True)
        self.inputs[f"d{program.output}"] = cotangent
        self.arrays[f"d{program.output}"] = self.arithmetic.array(cotangent)

    def value(self, expr: Expr, letters: tuple[str, ...], dimensions: Mapping[str, str]) -> Array:
        """The values of an expression at the point; `dimensions` has the dimension of each of its letters."""
        sizes = {letter: self.sizes[home] for letter, home in dimensions.items() if home in self.sizes}
        return evaluate_expr(expr, self.arrays, sizes, letters, self.arithmetic, self._perturbed)

    def _perturbed(self, name: str, place: tuple[int, ...], amount: Any) -> Mapping[str, Array]:
        """All arrays with one element of one of them changed, and nothing else: the derivative is a partial one."""
        changed = self.arrays[name].copy()
        changed[place] = changed[place] + amount
        return {**self.arrays, name: changed}

    def _sample(self) -> tuple[dict[str, Array], dict[str, int]]:
        """Inputs of both signs if the program is real there, else positive ones, else well-conditioned matrices."""
        plain = [(True, False), (True, False), (False, False)]
        matrices = [(True, False)] * 4 + [(True, True), (False, True)] * 3 if self.matrices else []
        for attempt, (signed, dominant) in enumerate([*plain, *matrices] * (5 if self.claims else 1)):
            sizes = self._sizes(attempt)
            shapes = {n: tuple(sizes[a] for a in self.program.axes(n)) for n in self.program.inputs}
            self._check_extent(sizes, shapes)
            inputs = {name: self._fractions(shape, signed) for name, shape in shapes.items()}
            inputs |= {name: np.array(Fraction(1), dtype=object) for name in self.program.subscript_scalars}
            self._satisfy_assumptions(inputs)
            if dominant:
                inputs |= {name: dominate_diagonal(inputs[name]) for name in square_inputs(self.program)}
            try:
                full = infer_sizes(self.program, shapes, _scalars(inputs), sizes)
                if self.claims:
                    inputs = self._steered(inputs, full)
                    self._satisfy_assumptions(inputs)
                if isinstance(self.arithmetic, Modular):
                    evaluate(self.program, inputs, sizes=full, arithmetic=self.arithmetic)
                    return inputs, full
                values = evaluate(self.program, inputs, sizes=full, arithmetic=HighPrecision(20))
            except ZeroDivisionError:
                continue
            finite = all(np.all(np.isfinite(value.astype(float))) for value in values.values())
            if finite and self._assumed(inputs, values, full) and self._well_conditioned(inputs, values, full):
                return inputs, full
        raise EquationError("found no point where the program is defined and its assumptions hold")

    def _check_extent(self, sizes: Mapping[str, int], shapes: Mapping[str, tuple[int, ...]]) -> None:
        """A step has values for all indices of a line and all of an input: refuse a program that has too many."""
        largest = max((math.prod(shape) for shape in shapes.values()), default=1)
        for statement in self.program.statements:
            letters = statement.target.letters | statement.value.letters
            extent = math.prod(sizes.get(self.program.dimensions.of[letter], 2) for letter in letters)
            if extent * largest > MAX_EXTENT:
                raise EquationError(
                    f"line {statement.line} has too many indices ({', '.join(sorted(letters))}) or too large sizes "
                    "to be proven at random points; split it with intermediate names, or assume smaller sizes"
                )

    def _well_conditioned(
        self, inputs: Mapping[str, Array], values: Mapping[str, Array], sizes: Mapping[str, int]
    ) -> bool:
        arrays = {name: array.astype(float) for name, array in [*inputs.items(), *values.items()]}
        return well_conditioned(self.matrices, lambda e, letters: evaluate_expr(e, arrays, sizes, letters))

    def _sizes(self, attempt: int = 0) -> dict[str, int]:
        """Sizes of the dimensions of the inputs: those assumed, large ones under windows, else 2 to 4, seldom equal."""
        shifted = {self.program.axes(name)[k] for name, k in shifted_axes(self.program.expressions)}
        assumed = self.program.assumed_sizes
        sizes: dict[str, int] = {}
        rank = max(map(len, self.program.dimensions.axes.values()))
        small = [2, 3, 4] if rank <= 2 else [2, 3] if rank == 3 else [2, 2, 3, 2] if not shifted else [2]
        for name in self.program.inputs:
            for letter in self.program.axes(name):
                if self.matrices:  # A Aᵀ has an inverse where A is wide, Aᵀ A where it is tall
                    small = [small[(attempt + k) % len(small)] for k in range(len(small))]
                    attempt = 0
                default = WINDOWED.get(len(shifted), 3) if letter in shifted else small[len(sizes) % len(small)]
                sizes.setdefault(letter, assumed.get(letter, default))
        return {**assumed, **sizes}

    def _fractions(self, shape: tuple[int, ...], signed: bool) -> Array:
        flat = [Fraction(int(n), 64) for n in self.rng.integers(20, 110, size=int(np.prod(shape)))]
        signs = self.rng.choice([-1, 1], size=len(flat)) if signed else np.ones(len(flat), int)
        array = np.empty(len(flat), dtype=object)
        array[:] = [int(sign) * value for sign, value in zip(signs, flat, strict=True)]
        return array.reshape(shape)

    def _satisfy_assumptions(self, inputs: dict[str, Array]) -> None:
        """Scale arrays that are assumed to sum to a number, and make those positive that are assumed to be."""
        scale_to_sums(self.program, inputs)
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

        for k in self.rng.permutation(len(self.claims)):
            claim = self.claims[k]
            upstream = upstream_of(self.program, claim.names)
            if self.rng.random() < 0.8:
                given = steer(claim, given, look, self.rng, self._fits, upstream, not is_equality(claim))
        exact = np.vectorize(Fraction, otypes=[object])
        return {name: np.asarray(exact(value), dtype=object) for name, value in given.items()}

    def _fits(self, name: str, value: float) -> bool:
        return name not in self.program.subscript_scalars

    def answers(self, claim: Compare) -> set[bool]:
        """Which answers a comparison has at the point."""
        found = self.value(claim, tuple(sorted(claim.free)), self.program.dimensions.of)
        return {bool(answer) for answer in np.ravel(found != 0)}

    def tied_extremum(self) -> Reduce | None:
        """A maximum or minimum over an index that is attained in more than one place."""
        for node in (node for s in self.program.statements for node in s.value.walk()):
            if isinstance(node, Reduce) and node.operation in ("max", "min"):
                count = Reduce("sum", node.indices, Compare("==", node.body, node))
                if np.any(self.value(count, tuple(sorted(node.free)), self.program.dimensions.of) > 1):
                    return node
        return None

    def at_kink(self) -> bool:
        """Whether the two sides of a comparison with < or > are equal somewhere: there is no gradient."""
        letters = {claim: tuple(sorted(claim.free)) for claim in self.claims if has_kink(claim)}
        of = self.program.dimensions.of
        return any(np.any(self.value(add(c.left, neg(c.right)), a, of) == 0) for c, a in letters.items())

    def _assumed(self, inputs: Mapping[str, Array], values: Mapping[str, Array], sizes: Mapping[str, int]) -> bool:
        number = HighPrecision(20)
        arrays = {**{name: number.array(value) for name, value in inputs.items()}, **values}

        def evaluate_here(expr: Expr, letters: tuple[str, ...]) -> Array:
            return evaluate_expr(expr, arrays, sizes, letters, number)

        return all(holds(a.claim, evaluate_here, 1e-9) for a in self.program.assumptions)


def scale_to_sums(program: Program, inputs: dict[str, Array]) -> None:
    """Make arrays positive and scale them that are assumed to sum to a number."""
    for assumption in program.assumptions:
        claim = assumption.claim
        match claim.left, claim.relation, claim.right:
            case Reduce("sum", letters, Ref(name, indices)), "==", Num(value) if name in inputs:
                axes = tuple(k for k, index in enumerate(indices) if index.letter in letters)
                positive = abs(inputs[name])
                whole = value if positive.dtype == object else float(value)
                inputs[name] = positive / positive.sum(axis=axes, keepdims=True) * whole


def holds(claim: Compare, evaluate_at: Callable[[Expr, tuple[str, ...]], Array], tolerance: float) -> bool:
    """Whether an assumption is true for all its indices, an equality to a tolerance."""
    letters = tuple(sorted(claim.free))
    if claim.relation != "==":
        return bool(np.all(evaluate_at(claim, letters) != 0))
    return bool(np.all(np.abs(evaluate_at(add(claim.left, neg(claim.right)), letters)) <= tolerance))


def shifted_axes(exprs: Iterable[Expr]) -> Iterator[tuple[str, int]]:
    """The arrays and axes that anything but a plain index runs along, as in `X[i+a]`; they must be long enough."""
    for expr in exprs:
        for node in expr.walk():
            if isinstance(node, Ref):
                yield from ((node.name, k) for k, index in enumerate(node.indices) if not index.letter)


def is_rational(expr: Expr) -> bool:
    """Whether an expression has a value modulo a prime: + - * /, whole powers, sums, and comparisons of positions."""
    match expr:
        case Pow(base, exponent):
            return isinstance(exponent, Num) and exponent.value.denominator == 1 and is_rational(base)
        case Compare(_, left, right):
            return all(_is_position(side) for side in (left, right))
        case Reduce(operation, _, body):
            return operation in ("sum", "mean") and is_rational(body)
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
    if all(is_rational(statement.value) for statement in program.statements):
        return [ProgramPoint(program, 0), ProgramPoint(program, 1, Adic()), ProgramPoint(program, 2, Modular())]
    points = [ProgramPoint(program, 0), ProgramPoint(program, 1)]
    claims = _data_comparisons(program)
    return [*points, *_branch_points(program, claims)] if claims else points


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


def _branch_points(program: Program, claims: Sequence[Compare]) -> list[ProgramPoint]:
    """Points at which every comparison of data is true somewhere and false somewhere, as far as such are found."""
    points: list[ProgramPoint] = []
    tied = ProgramPoint(program, 0).tied_extremum()  # then it is so everywhere
    missing = {claim: {True, False} for claim in claims}
    for seed in range(2, 2 + BRANCH_DRAWS):
        point = ProgramPoint(program, seed, claims=claims)
        if (point.tied_extremum() and not tied) or point.at_kink():
            continue
        if len(points) < 2 or any(missing[claim] & point.answers(claim) for claim in claims):
            points.append(point)
            missing = {claim: missing[claim] - point.answers(claim) for claim in claims}
        if len(points) >= 2 and not any(missing.values()):
            break
    return points


def _scalars(inputs: Mapping[str, Array]) -> dict[str, float]:
    return {name: float(value[()]) for name, value in inputs.items() if np.ndim(value) == 0}
