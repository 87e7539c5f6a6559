"""Opens matrix expressions: each becomes a value with a shape, whose entries are expressions of index notation."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import (
    ONE,
    Add,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    MatrixFunction,
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
    mul,
    neg,
)
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.notation.grammar import is_one
from chainrule.derive.notation.nodes import (
    WHOLE,
    Identity,
    Norm,
    Ones,
    Product,
    Quotient,
    Raised,
    Starred,
    show_matrices,
)
from chainrule.derive.notation.shapes import (
    COLUMN,
    ROW,
    Dimension,
    Letterer,
    Letters,
    ShapeError,
    UnclearError,
    Value,
    can_be_same,
    contract,
    plain,
    times,
    unify,
)
from chainrule.derive.reading.matrices import Hadamard, Inner, Transposed, norm_of, power_of, slope_at

# what a reading costs beside others that fit too: the cheapest is taken
LEANING, SPREAD_NAME, SPREAD_NUMBER, SPREAD, SMALL_OVER_LARGE = 0.3, 0.1, 0.2, 1.6, 1.6
MATRIX_TIMES_PLACED, NUMBER_BY_ENTRIES, NORM_OF_NUMBER, SCALED_BY_NORM = 0.4, 0.4, 0.5, 1.3
PLACED_TO_VECTOR, MATRIX_OVER_VECTOR, ROW_LEFT, TRANSPOSED_NUMBER, LONE_VECTOR = 0.5, 1.0, 1.0, 0.4, 1.0


class Opener:
    """Opens expressions over names of known shapes; `sizes` are the names that are sizes of dimensions.

    placed: how many places each name has before those of its shape, such as 1 for the vectors x_i.

    `notes` says what was decided where the notation leaves it open, `cost` how unusual that is.
    """

    def __init__(
        self,
        shapes: Mapping[str, tuple[Dimension, ...]],
        sizes: Mapping[str, Dimension],
        placed: Mapping[str, int] | None = None,
    ) -> None:
        self.shapes, self.sizes = dict(shapes), sizes
        self.placed = dict(placed or {})
        self.letters = Letterer()
        self.running: dict[str, Dimension] = {}  # the axis that a letter of the person's own runs over in a line
        self.of_places: dict[str, list[Dimension]] = {}  # what the places of a name run over
        self.notes: list[str] = []
        self.cost = 0.0
        self.leaning: list[tuple[Expr, list[Value]]] = []  # where a vector that is no row is taken as one

    def open(self, expr: Expr) -> Value:  # long because there is one case for each kind of node
        """The value of an expression. Raises ShapeError where its parts do not fit."""
        match expr:
            case Num() | Const():
                return plain((), lambda at: expr)
            case Ref(name, indices):
                return self._name(name, indices)
            case Reduce(operation, letters, body):
                inner = self.open(body)
                return plain(inner.dims, lambda at: Reduce(operation, letters, inner.entry(at)), inner.side)
            case Delta() | Size() | Position():
                return plain((), lambda at: expr)
            case Where(condition, then, other):
                values = [self.open(part) for part in (condition, then, other)]
                return self._together(expr, values, lambda parts: Where(*parts))
            case Ones():
                return plain((Dimension(),), lambda at: ONE)
            case Identity():
                side = Dimension()
                return plain((side, side), lambda at: Delta(*map(Affine.of, at)))
            case Transposed(argument):
                return self._transposed(argument)
            case Neg(argument):
                inner = self.open(argument)
                return plain(inner.dims, lambda at: neg(inner.entry(at)), inner.side)
            case Add(terms):
                values = [self.open(t.argument if isinstance(t, Neg) else t) for t in terms]
                signs = [neg if isinstance(t, Neg) else _same for t in terms]
                return self._together(
                    expr, values, lambda entries: add(*(sign(e) for sign, e in zip(signs, entries, strict=True)))
                )
            case Product(factors):
                return self._product(expr, list(factors))
            case Hadamard(left, right):
                values = [self.open(left), self.open(right)]
                if 0 in (ranks := {value.rank for value in values}) and len(ranks) > 1:
                    self.cost += NUMBER_BY_ENTRIES
                return self._together(expr, values, lambda entries: mul(*entries))
            case Inner(left, right, angles):
                return self._inner(expr, left, right, angles)
            case Starred(left, right, dot):
                return self._starred(expr, left, right, dot)
            case Quotient(above, below, elementwise):
                return self._quotient(expr, above, below, elementwise)
            case Div(above, below):
                return self._divided(expr, above, below)
            case Compare(relation, left, right):
                values = [self.open(left), self.open(right)]
                return self._together(Hadamard(left, right), values, lambda sides: Compare(relation, *sides))
            case Raised(base, exponent, elementwise):
                return self._raised(expr, base, exponent, elementwise)
            case Norm(argument, kind):
                return self._norm(argument, kind)
            case Partial(of, by):
                return self._partial(of, by)
            case Call(function, arguments):
                return self._call(expr, function, arguments)
        raise TypeError(f"no shape for {type(expr).__name__}")

    def _name(self, name: str, places: tuple[Affine, ...] = ()) -> Value:
        """A name; where it has places, as x_i has, what is left of it at them."""
        if name in self.sizes and not places:
            letter = self.letters.new(self.sizes[name])
            return plain((), lambda at: Size(letter))
        if name not in self.shapes:
            raise ShapeError(f"`{name}` is unknown here")
        count = self.entries(name, places)
        if count == 1 and self._is_column(name, places[-1]):
            self.notes.append(f"{name}_{places[-1]} is a column of {name}")
            column = plain(self.shapes[name][:1], lambda at: Ref(name, (*places[:-1], Affine.of(at[0]), places[-1])))
            column.single = True
            return column
        before = self.of_places.setdefault(name, [Dimension() for _ in places[: len(places) - count]])
        for index, dimension in zip(places, before, strict=False):
            self.running.setdefault(index.letter or "", dimension)
        for index, dimension in zip(places[len(places) - count :], self.shapes[name], strict=False):
            known = self.running.setdefault(index.letter, dimension) if index.letter else dimension
            if not unify(known, dimension):
                raise ShapeError(f"`{index}` runs over axes of different lengths")
        dims = self.shapes[name][count:]
        value = plain(dims, lambda at: Ref(name, (*places, *map(Affine.of, at))))
        value.single = True
        return value

    def _is_column(self, name: str, place: Affine) -> bool:
        """Whether one place on a matrix, as in X_j, runs over its columns, and can't over its rows."""
        axis = self.running.get(place.letter or "")
        dims = self.shapes[name]
        return axis is not None and len(dims) == 2 and not can_be_same(axis, dims[0]) and can_be_same(axis, dims[1])

    def entries(self, name: str, places: Sequence[Affine]) -> int:
        """How many of its places pick entries of what a name is at the others."""
        count = len(places) - self.placed.get(name, self.placed.get(name[1:], 0))
        if not 0 <= count <= len(self.shapes[name]):
            raise ShapeError(f"`{name}` has {len(self.shapes[name])} indices elsewhere, and {len(places)} here")
        return count

    def _transposed(self, argument: Expr) -> Value:
        inner = self.open(Ones() if is_one(argument) else argument)
        self.cost += TRANSPOSED_NUMBER * (not inner.rank)
        if inner.rank < 2:
            side = {COLUMN: ROW, ROW: COLUMN, None: COLUMN}[inner.side]
            return Value(inner.dims, inner.parts, side, inner.single)
        return Value(inner.dims[::-1], lambda at: inner.parts(at[::-1]), single=inner.single)

    # sums, and all that goes entry by entry

    def _together(self, expr: Expr, values: list[Value], join: Callable[[list[Expr]], Expr]) -> Value:
        """Values entry by entry; a vector beside a matrix is taken with every row, a number with every entry."""
        rank = max(value.rank for value in values)
        first = next(value for value in values if value.rank == rank)
        side = next((v.side for v in values if v.rank == rank and v.side is not None), None)
        spread: list[int] = []  # for each value, the axis of the whole that a vector lies along
        for value in values:
            axis = 0
            if value.rank == rank:
                fits = all(unify(a, b) for a, b in zip(value.dims, first.dims, strict=True))
                if not fits or (rank == 1 and None is not value.side != side):
                    raise self.misfit(expr, values)
            elif value.rank:
                axis = self._axis_of(expr, value, first, values)
            elif rank and not isinstance(expr, Hadamard | Quotient | Div) and not isinstance(value.entry(), Num):
                self.cost += SPREAD_NUMBER
                self.cost += PLACED_TO_VECTOR * any(isinstance(t, Ref) and bool(t.indices) for t in _terms(expr))
                self.cost += LONE_VECTOR * (rank == 1 and _adds_lone_vector(_terms(expr), values))
            spread.append(axis)

        def entry(at: Letters) -> Expr:
            places = [at if v.rank == rank else (at[k],) if v.rank else () for v, k in zip(values, spread, strict=True)]
            return join([value.entry(place) for value, place in zip(values, places, strict=True)])

        return plain(first.dims, entry, side)

    def _axis_of(self, expr: Expr, vector: Value, matrix: Value, values: list[Value]) -> int:
        """The axis of a matrix along which a vector lies, which is repeated along the other."""
        self.cost += SPREAD_NAME if vector.single else SPREAD
        shown = show_matrices(expr)
        of_columns = vector.dims[0].root is matrix.dims[0].root is not matrix.dims[1].root
        if not of_columns and unify(vector.dims[0], matrix.dims[1]):
            self.notes.append(f"in {shown}, the vector is taken with every row")
            return 1
        if unify(vector.dims[0], matrix.dims[0]):
            self.notes.append(f"in {shown}, the vector is taken with every column")
            return 0
        raise self.misfit(expr, values)

    def _quotient(self, expr: Expr, above: Expr, below: Expr, elementwise: bool) -> Value:
        if isinstance(below, Product) and self._is_number(below.factors[0]):
            numbers = list(itertools.takewhile(self._is_number, below.factors))
            rest = below.factors[len(numbers) :]
            if rest and self._is_number(above):  # 1 / N sum(X) is (1 / N) sum(X)
                divisor = Product(tuple(numbers)) if len(numbers) > 1 else numbers[0]
                return self.open(Product((Quotient(above, divisor, elementwise), *rest)))
            whole, first = show_matrices(expr), show_matrices(Quotient(above, below.factors[0]))
            raise UnclearError(f"`{whole}` is unclear; write ({first}) … or {show_matrices(above)} / (…)")
        return self._divided(expr, above, below)

    def _divided(self, expr: Expr, above: Expr, below: Expr) -> Value:
        a, b = self.open(above), self.open(below)
        if a.rank < b.rank and not isinstance(above, Num):
            self.cost += SMALL_OVER_LARGE
        if a.rank > b.rank == 1:
            self.cost += MATRIX_OVER_VECTOR
        return self._together(expr, [a, b], lambda entries: Div(*entries))

    def _partial(self, of: Expr, by: Ref) -> Value:
        """The derivative of a number by an array, or of an array by a number."""
        above, below = self.open(of), self.open(by)
        if above.rank and below.rank:
            raise UnclearError(
                "a derivative of one whole array by another has no one order of entries; expected it with indices, or "
                "the gradients that follow from it"
            )

        def entry(at: Letters) -> Expr:
            element = below.entry(at[above.rank :])
            if not isinstance(element, Ref):
                raise UnclearError(f"a derivative by `{show_matrices(by)}`, which is no array of its own")
            return Partial(above.entry(at[: above.rank]), element)

        return plain((*above.dims, *below.dims), entry)

    def _is_number(self, expr: Expr) -> bool:
        return isinstance(expr, Num) or (isinstance(expr, Ref) and not self.open(expr).rank)

    def _raised(self, expr: Expr, base: Expr, exponent: Expr, elementwise: bool) -> Value:
        value = self.open(base)
        power = self.open(exponent)
        if value.rank == 2 and not elementwise and not can_be_same(*value.dims):
            self.notes.append(f"{show_matrices(expr)} is taken entry by entry, since the matrix is not square")
        elif value.rank == 2 and not elementwise:
            shown = show_matrices(base, place=WHOLE)
            raise UnclearError(
                f"`{show_matrices(expr)}` could be a product of matrices or entry by entry; write {shown} {shown} for "
                f"the one, {shown}.^{show_matrices(exponent)} for the other"
            )
        if isinstance(base, Norm) and exponent == power_of(base.kind):
            return self._norm(base.argument, base.kind, raised=True)
        if value.rank and not elementwise:
            self.notes.append(f"{show_matrices(expr)} of a vector is taken entry by entry")
        return self._together(Hadamard(base, exponent), [value, power], lambda entries: Pow(*entries))

    # products

    def _product(self, expr: Expr, factors: list[Expr]) -> Value:
        others = [factor for factor in factors if not is_one(factor)]
        ones = len(others) < len(factors) and any(self.open(factor).rank for factor in others)
        values = [self.open(Ones() if ones and is_one(factor) else factor) for factor in factors]
        if self._is_scale(factors, values):
            self.cost += SCALED_BY_NORM
        total, read = values[0], factors[0]
        for factor, value in zip(factors[1:], values[1:], strict=True):
            joined = times(self.letters, total, value)
            if joined is None and is_one(read) and value.single:  # 1 b, of a row b
                self._lean(Product((read, factor)), [total, value])
                joined = times(self.letters, total, replace(value, side=ROW))
            if joined is None:
                raise self.misfit(Product((read, factor)), [total, value])
            if total.rank == 2 and not value.rank and isinstance(factor, Ref) and factor.indices:
                self.cost += MATRIX_TIMES_PLACED  # W x_t, with a number for each t
            if total.rank == 1 and value.rank and total.side == COLUMN and value.rank == 2:
                self._lean(Product((read, factor)), [total, value])
            read = Product((*read.factors, factor)) if isinstance(read, Product) else Product((read, factor))
            total = joined
        return total

    def _lean(self, product: Expr, values: list[Value]) -> None:
        self.cost += LEANING
        self.leaning.append((product, values))
        self.notes.append(f"in {show_matrices(product)}, the vector is taken as a row")

    def _inner(self, expr: Expr, left: Expr, right: Expr, angles: bool) -> Value:
        """`u · v` of two vectors; of anything else the product, unless angles say that it is none."""
        if isinstance(right, Product) and not angles:  # u · v w is (u · v) w where v w is nothing
            try:
                self.open(right)
            except ShapeError:
                return self._product(expr, [Inner(left, right.factors[0]), *right.factors[1:]])
        a, b = self.open(left), self.open(right)
        if angles and a.rank != b.rank:
            raise self.misfit(expr, [a, b])
        if a.rank != b.rank or not a.rank or (a.rank == 2 and not angles):
            return self._product(expr, [left, right])
        if not all(unify(x, y) for x, y in zip(a.dims, b.dims, strict=True)):
            raise self.misfit(expr, [a, b])
        over = tuple(self.letters.new(dimension) for dimension in a.dims)
        return plain((), lambda at: Reduce("sum", over, mul(a.entry(over), b.entry(over))))

    def _is_scale(self, factors: Sequence[Expr], values: Sequence[Value]) -> bool:
        """Whether one name beside a norm or an inner product, as the γ of γ‖x - y‖², is likelier a number."""
        arrays = [factor for factor, value in zip(factors, values, strict=True) if value.rank]
        numbers = [factor for factor, value in zip(factors, values, strict=True) if not value.rank]
        measured = any(isinstance(node, Norm | Transposed) for factor in numbers for node in factor.walk())
        scale = arrays[0] if len(arrays) == 1 else None
        scale = scale.denominator if isinstance(scale, Div) and isinstance(scale.numerator, Num) else scale
        if not measured or not isinstance(scale, Ref) or scale.indices:
            return False
        return all(scale.name not in factor.names for factor in numbers)  # in v / ‖v‖ it is the vector

    def _starred(self, expr: Expr, left: Expr, right: Expr, dot: bool) -> Value:
        """`*`: of matrices the product where that alone fits, or where a transpose says that `*` is meant as one.

        dot: whether the sign is `·`, which of two vectors is the inner product.
        """
        a, b = self.open(left), self.open(right)
        if dot and a.rank == b.rank == 1 and ROW not in (a.side, b.side):
            return self._inner(expr, left, right, False)
        if not a.rank or not b.rank:
            return self._product(expr, [left, right])
        transposes = any(isinstance(node, Transposed) for node in expr.walk())
        if a.rank == b.rank == 2 and not transposes and not can_be_same(a.dims[1], b.dims[0]):
            self.notes.append(f"{show_matrices(expr)} is taken entry by entry, since as a product it does not fit")
            return self._together(expr, [a, b], lambda entries: mul(*entries))
        if a.rank == b.rank and not transposes:
            x, y = (show_matrices(part) for part in (left, right))
            raise UnclearError(
                f"`{show_matrices(expr)}` could be the product or entry by entry; write {x} {y} (or {x} @ {y}) for the "
                f"product, {x} ∘ {y} (or {x} .* {y}) entry by entry"
            )
        flat = [f for part in (left, right) for f in (part.factors if isinstance(part, Product) else (part,))]
        if isinstance(left, Starred):
            value = times(self.letters, a, b)
            if value is None:
                raise self.misfit(Product((left, right)), [a, b])
            return value
        return self._product(expr, flat)

    # functions

    def _norm(self, argument: Expr, kind: str, raised: bool = False) -> Value:
        value = self.open(argument)
        if kind == "|":
            if value.rank:
                shown = show_matrices(argument)
                meant = f"abs({shown}) entry by entry, det({shown}) or ‖{shown}‖"
                error = UnclearError if value.rank == 2 else ShapeError
                raise error(f"`|{shown}|` is unclear; write {meant}")
            return plain((), lambda at: Call("abs", (value.entry(),)))
        if not value.rank:
            self.cost += NORM_OF_NUMBER
        if kind not in ("", "2", "F") and value.rank == 2:
            raise UnclearError(
                f"the norm ‖A‖_{kind} of a matrix is not known; expected that of a vector, or sum(abs(A).^{kind})"
            )
        if kind == "2" and value.rank == 2:
            raise UnclearError("the spectral norm ‖A‖_2 of a matrix is not known; expected ‖A‖_F")
        if value.rank == 2 and not kind:
            self.notes.append(f"‖{show_matrices(argument)}‖ of a matrix is taken for the Frobenius norm")
        if power_of(kind).names and self.open(power_of(kind)).rank:
            raise ShapeError(f"the {kind} of ‖{show_matrices(argument)}‖_{kind} is a number")
        over = tuple(self.letters.new(dimension) for dimension in value.dims)
        total = norm_of(value.entry(over), over, kind, raised)
        return plain((), lambda at: total)

    def _call(self, expr: Call, function: str, arguments: tuple[Expr, ...]) -> Value:
        if function in ("max", "min") and len(arguments) > 1:
            values = [self.open(argument) for argument in arguments]
            return self._together(Hadamard(*arguments[:2]), values, lambda entries: Call(function, tuple(entries)))
        (argument,) = arguments
        if function == "inv" and isinstance(argument, Call) and argument.function == "diag":
            vector = self.open(argument.arguments[0])
            if vector.rank == 1:  # diag(v)⁻¹ divides by v
                return self._diagonal(plain(vector.dims, lambda at: Div(ONE, vector.entry(at))))
        value = self.open(argument)
        if function in ("tr", "inv", "det", "logdet", "chol"):
            return self._of_square(expr, function, value)
        if function in ("sum", "mean", "max", "min"):
            over = tuple(self.letters.new(dimension) for dimension in value.dims)
            return plain((), lambda at: Reduce(function, over, value.entry(over)) if over else value.entry())
        if function in ("rowsum", "colsum"):
            return self._sums(function, value)
        if function == "diag":
            return self._diagonal(value)
        if function in ("softmax", "log_softmax"):
            return self._softmax(function, value)
        if function[-1:] == "'":
            return plain(value.dims, lambda at: slope_at(function, value.entry(at)), value.side)
        return plain(value.dims, lambda at: Call(function, (value.entry(at),)), value.side)

    def _of_square(self, expr: Expr, function: str, value: Value) -> Value:
        if value.rank == 0 and not value.single and function in ("tr", "det", "logdet", "inv"):
            inverse = function == "inv"
            return plain((), lambda at: Div(ONE, value.entry()) if inverse else self._of_number(function, value))
        if value.rank != 2 or not unify(*value.dims):
            raise ShapeError(f"`{show_matrices(expr)}`: expected a square matrix, found {self.describe(value)}")
        row = value.dims[0]
        if function == "tr":
            over = self.letters.new(row)
            bound, factors = value.parts((over, over))
            return plain((), lambda at: _total(*contract(self.letters, row, over, (bound, factors))))
        indices = (self.letters.new(row), self.letters.new(row))
        body = value.entry(indices)
        if function == "logdet":
            return plain((), lambda at: Call("log", (MatrixFunction("det", indices, body),)))
        if function == "det":
            return plain((), lambda at: MatrixFunction("det", indices, body))
        return plain(value.dims, lambda at: MatrixFunction(function, indices, body, tuple(map(Affine.of, at))))

    @staticmethod
    def _of_number(function: str, value: Value) -> Expr:
        return Call("log", (value.entry(),)) if function == "logdet" else value.entry()

    def _diagonal(self, value: Value) -> Value:
        if value.rank == 1:
            side = value.dims[0]
            return Value((side, side), lambda at: _with(value.parts(at[:1]), Delta(*map(Affine.of, at))))
        if value.rank != 2 or not unify(*value.dims):
            raise ShapeError(f"diag: expected a vector or a square matrix, found {self.describe(value)}")
        return Value(value.dims[:1], lambda at: value.parts((at[0], at[0])))

    def _sums(self, function: str, value: Value) -> Value:
        """The sum of each row, or of each column."""
        if value.rank != 2:
            raise ShapeError(f"{function}: expected a matrix, found {self.describe(value)}")
        rows = function == "rowsum"
        over = self.letters.new(value.dims[rows])
        return plain(
            value.dims[not rows :][:1],
            lambda at: Reduce("sum", (over,), value.entry((at[0], over) if rows else (over, at[0]))),
        )

    def _softmax(self, function: str, value: Value) -> Value:
        if not value.rank:
            raise ShapeError(f"{function} of a number; expected a vector or a matrix")
        if value.rank == 2:
            self.notes.append(f"{function} of a matrix is taken of each row")

        def entry(at: Letters) -> Expr:
            over = self.letters.new(value.dims[-1])
            total = Reduce("sum", (over,), Call("exp", (value.entry((*at[:-1], over)),)))
            here = value.entry(at)
            return Div(Call("exp", (here,)), total) if function == "softmax" else add(here, neg(Call("log", (total,))))

        return plain(value.dims, entry, value.side)

    def describe(self, value: Value) -> str:
        """A shape in words: `I×J`, `a column of I`, `a number`."""
        names = []
        for root in (dimension.root for dimension in value.dims):
            known = [d.root.letter for dims in self.shapes.values() for d in dims if d.root.letter]
            root.letter = root.letter or fresh_letter(known, "mnklpqrs")
            names.append(root.letter.upper())
        return f"a {value.side or 'vector'} of {names[0]}" if value.rank == 1 else "×".join(names) or "a number"

    def misfit(self, expr: Expr, values: list[Value]) -> ShapeError:
        """An error that says what shapes do not fit."""
        parts = list(expr.children)
        named = [
            f"{show_matrices(part.argument if isinstance(part, Neg) else part)} is {self.describe(value)}"
            for part, value in zip(parts, values, strict=False)
        ]
        text = show_matrices(expr)
        if isinstance(expr, Product) and len(values) == 2:
            read, last = expr.factors[:-1], expr.factors[-1]
            first = read[0] if len(read) == 1 else Product(read)
            if isinstance(first, Product):
                text = f"{show_matrices(first)} {show_matrices(Product((last,)))}"
            named = [f"{show_matrices(p)} is {self.describe(v)}" for p, v in zip((first, last), values, strict=True)]
        return ShapeError(f"`{text}` does not fit: {', '.join(named[:-1])} and {named[-1]}")


def _terms(expr: Expr) -> tuple[Expr, ...]:
    """The terms of a sum, without their signs."""
    return tuple(t.argument if isinstance(t, Neg) else t for t in expr.terms) if isinstance(expr, Add) else ()


def _adds_lone_vector(terms: Sequence[Expr], values: Sequence[Value]) -> bool:
    """Whether names of vectors that stand in no other term are added to a number that is computed, as b in wᵀ x + b."""
    vectors = [term for term, value in zip(terms, values, strict=False) if value.rank]
    numbers = [term for term, value in zip(terms, values, strict=False) if not value.rank and not value.single]
    lone = {term.name for term in vectors if isinstance(term, Ref)}
    return len(lone) == len(vectors) and bool(numbers) and not any(lone & term.names for term in numbers)


def _same(expr: Expr) -> Expr:
    return expr


def _total(bound: list[str], factors: list[Expr]) -> Expr:
    body = mul(*factors)
    return Reduce("sum", tuple(bound), body) if bound else body


def _with(parts: tuple[list[str], list[Expr]], factor: Expr) -> tuple[list[str], list[Expr]]:
    return parts[0], [*parts[1], factor]
