"""Matrix notation as index notation: `(X W^T + B)_{mn}` is `sum[k](X[m,k] * W[n,k]) + B[m,n]`."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import (
    ONE,
    Add,
    Call,
    Compare,
    Const,
    Div,
    Expr,
    MatrixFunction,
    Mul,
    Neg,
    Num,
    Partial,
    Position,
    Pow,
    Reduce,
    Ref,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.tokens import UnreadableError


class Transposed(Expr):
    """The transpose of a matrix."""

    argument: Expr


class Entry(Expr):
    """The entry of a matrix expression at these indices."""

    array: Expr
    indices: tuple[Affine, ...]

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset().union(*(index.letters for index in self.indices)), frozenset()

    def _free(self) -> frozenset[str]:
        return self.array.free.union(*(index.letters for index in self.indices))

    def _rename(self, meaning: Mapping[str, Affine]) -> Expr:
        return Entry(self.array.rename(meaning), tuple(index.substitute(meaning) for index in self.indices))


class Hadamard(Expr):
    """The product entry by entry."""

    left: Expr
    right: Expr


class Kronecker(Expr):
    """`P \\otimes Q`: each entry of P times all of Q."""

    left: Expr
    right: Expr


class Vectorized(Expr):
    """vec of a matrix: its columns one below the other."""

    argument: Expr


class Jacobian(Expr):
    """The derivatives of vec of a matrix by vec of another."""

    of: Expr
    by: Expr


class Inner(Expr):
    """`u \\cdot v`, or ⟨u, v⟩ where `angles` says so: of two vectors the number; of numbers, the product."""

    left: Expr
    right: Expr
    angles: bool = False


class Norm(Expr):
    """kind: "" (as it is written), "F", "2", "1", "inf", another number or letter, as in ‖x‖_p, or "|" for bars.

    order: that letter as a number of its own.
    """

    argument: Expr
    kind: str = ""
    order: tuple[Expr, ...] = ()


def norm(argument: Expr, kind: str = "") -> Norm:
    """A norm; a letter that says its kind is a number."""
    return Norm(argument, kind, (Ref(kind),) if len(kind) == 1 and kind.islower() else ())


def power_of(kind: str) -> Expr:
    """What the entries of a norm are raised to."""
    if kind.isdigit():
        return num(int(kind))
    return {"": num(2), "F": num(2), "inf": Const("inf")}.get(kind) or Ref(kind)


def norm_of(entry: Expr, over: tuple[str, ...], kind: str, raised: bool = False) -> Expr:
    """The norm of the entries over some letters; the p-th power of ‖x‖_p where it is `raised`."""
    size, power = Call("abs", (entry,)), power_of(kind)
    if kind == "inf":
        return Reduce("max", over, size) if over else size
    body = size if power == ONE else Pow(entry if power == num(2) else size, power)
    total = Reduce("sum", over, body) if over else body
    if raised or power == ONE:
        return total
    return Call("sqrt", (total,)) if power == num(2) else Pow(total, Div(ONE, power))


class Listing(Expr):
    """A row written out, `[a_1 a_2 … a_n]`, by its first entries."""

    entries: tuple[Expr, ...]


def is_unit_vector(expr: Expr, classes: Collection[str]) -> bool:
    """Whether it is e_y, with one of these class numbers."""
    return isinstance(expr, Ref) and expr.name == "e" and len(expr.indices) == 1 and expr.indices[0].letter in classes


def slope_at(primed: str, argument: Expr) -> Expr:
    """The value of `sigmoid'` and its like; of an unknown function it is named h'."""
    known = FUNCTIONS.get(primed[:-1])
    return known.slope(argument) if known else Call(primed, (argument,))


class Matrices:
    """Writes matrix expressions in index notation; `ranks` says how many indices each name has.

    variance: whether the square of sigma is one quantity, `var`, since sigma stands nowhere without its square.
    classes: the class numbers y of which e_y is the unit vector. `notes` gathers what was decided where the notation
    leaves it open.
    """

    def __init__(self, ranks: Mapping[str, int], variance: bool = True, classes: Collection[str] = ()) -> None:
        self.ranks, self.variance, self.classes = dict(ranks), variance, classes
        self.taken: set[str] = set()
        self.notes: list[str] = []

    def rank(self, expr: Expr) -> int:
        """How many indices a value of this expression has."""
        match expr:
            case Ref(name, ()):
                return self.ranks.get(name, self.ranks.get(name[1:], 0) if name.startswith("d") else 0)
            case Listing():
                return 1
            case Ref() if is_unit_vector(expr, self.classes):
                return 1
            case Entry() | Reduce() | MatrixFunction() | Num() | Norm() | Call("det" | "logdet" | "tr"):
                return 0
            case Partial(_, by):
                return self.rank(by)
            case Mul(factors):
                return self._rank_of_product(factors)
            case Inner():
                return self.rank(self._product_of(expr))
            case _:
                return max((self.rank(child) for child in expr.children), default=0)

    def _rank_of_product(self, factors: Sequence[Expr]) -> int:
        rank, row = 0, False
        for factor in factors:
            other = self.rank(factor)
            if not (rank and other):
                rank, row = rank or other, row if rank else isinstance(factor, Transposed)
            else:
                rank, row = _joined(rank, row, other, isinstance(factor, Transposed))
        return rank

    def lower(self, expr: Expr) -> Expr:
        """The expression with every entry of a matrix expression worked out."""
        match expr:
            case Entry(Pow(base, Num(value)), places) if value == -1 and self._is_matrix(base):
                return self._matrix_function("inv", base, places)
            case Entry(Call("inv" | "chol" as function, (argument,)), places):
                return self._matrix_function(function, argument, places)
            case Call("det" | "logdet" | "tr" as function, (argument,)):
                return self._number_of(function, argument)
            case Call("diag" | "rowsum" | "colsum" as function, _):
                raise UnreadableError(f"{function}(…) stands among entries of arrays; expected it by its entries")
            case Pow(Norm(argument, kind), power) if power == power_of(kind):
                return self._norm(argument, kind, raised=True)
            case Norm(argument, kind):
                return self._norm(argument, kind)
            case Entry(Call("softmax" | "log_softmax" as function, (Ref(name, placed),)), places) if placed:
                return self._softmax(function, Ref(name), (*placed, *places))  # softmax(z_n)_c, of the vector z_n
            case Entry(array, places):
                return self.entry(self.lower(array), places)
            case Inner():
                return self.lower(self._product_of(expr))
        if isinstance(expr, Call) and expr.function in ("softmax", "log_softmax"):
            argument = self.lower(expr.arguments[0])
            if isinstance(argument, Ref) and argument.indices:  # softmax(X_{ij}) is meant as softmax(X)_{ij}
                return self._softmax(expr.function, Ref(argument.name), argument.indices)
        expr = expr.map(self.lower)
        match expr:
            case Call(primed, (argument,)) if primed[-1:] == "'" and not self.rank(argument):
                return slope_at(primed, argument)
            case Pow(Ref("sigma", indices), Num(value)) if value == 2 and self.variance:
                return Ref("var", indices)
            case Transposed(Ref(name, indices)) if len(indices) > 1:
                raise UnreadableError(
                    f"the transpose of an entry of `{name}`; expected it of the array, as in ({name}^T)_{{ij}}"
                )
            case Transposed(argument) if not self.rank(argument):
                return argument
            case Hadamard(left, right) if not self.rank(expr):
                return mul(left, right)
        return expr

    def _product_of(self, expr: Inner) -> Expr:
        """An inner product as the product that it is: of vectors the first lies on its side."""
        ranks = {self.rank(expr.left), self.rank(expr.right)}
        if expr.angles and ranks == {2}:
            return Call("tr", (mul(Transposed(expr.left), expr.right),))
        return mul(Transposed(expr.left) if ranks == {1} else expr.left, expr.right)

    def scalar(self, expr: Expr) -> Expr:
        """The expression, which must be a number, in index notation."""
        lowered = self.lower(expr)
        if self.rank(lowered):
            raise UnreadableError("a matrix stands beside entries of matrices; expected indices on it")
        if isinstance(lowered, Transposed | Hadamard | Listing) or any(map(_is_matrix, lowered.walk())):
            lowered = self.entry(lowered, ())
        return check_entry(lowered)

    def entry(self, expr: Expr, indices: tuple[Affine, ...]) -> Expr:
        """The entry of a matrix expression at these indices; a number is each entry of itself."""
        rank = self.rank(expr)
        match expr:
            case Ref(_, (place,)) if is_unit_vector(expr, self.classes) and (letter := indices[-1].letter):
                self.notes.append(f"e_{place} is read as the vector that is 1 at the class {place} and 0 elsewhere")
                return Compare("==", Position(letter), Ref(str(place)))
            case Ref(name, ()) if rank:
                if rank < len(indices) and rank == 1:
                    self.notes.append(f"the vector {name} is added to, or taken with, every row")
                    return Ref(name, indices[-1:])
                if rank != len(indices):
                    raise UnreadableError(f"`{name}` has {rank} indices elsewhere, and {len(indices)} here")
                return Ref(name, indices)
            case Transposed(argument):
                return self.entry(argument, indices[::-1] if self.rank(argument) == 2 else indices[-1:])
            case Hadamard(left, right):
                return mul(self.entry(left, indices), self.entry(right, indices))
            case Partial(of, Ref(name, ())) if rank:
                return Partial(self.entry(of, indices), Ref(name, indices))
            case Listing(entries):
                return _generalised(entries, indices[-1])
            case Mul(factors):
                return self._product(factors, indices)
            case Call("softmax" | "log_softmax" as name, (argument,)):
                return self._softmax(name, argument, indices)
            case Call(primed, (argument,)) if primed[-1:] == "'":
                return slope_at(primed, self.entry(argument, indices))
            case Add() | Neg() | Div() | Call():
                return expr.map(lambda child: self.entry(child, indices))
            case Pow(base, Num(value)) if value == -1 and self.rank(base) == 2:
                return self._matrix_function("inv", base, indices)
            case Call("inv" | "chol" as function, (argument,)):
                return self._matrix_function(function, argument, indices)
            case Pow(base, exponent):
                if isinstance(exponent, Num) and exponent.value < 0 and self.rank(base) == 2:
                    raise UnreadableError("a negative power of a matrix can't be read; expected the inverse, X^{-1}")
                return Pow(self.entry(base, indices), exponent)
            case _:
                return expr

    def _is_matrix(self, expr: Expr) -> bool:
        """Whether an expression is a matrix: a whole one, or written by its entries, `[(…)_{ij}]`."""
        if isinstance(expr, Ref) and not expr.indices and expr.name not in self.ranks:
            return True  # nothing else has an inverse with two indices
        return self.rank(expr) == 2 or (isinstance(expr, Entry) and self.rank(expr.array) == 0)

    def _matrix_function(self, function: str, argument: Expr, places: tuple[Affine, ...]) -> Expr:
        """A function of a whole matrix, or of one that is written by its entries."""
        if isinstance(argument, Entry) and not self.rank(argument.array) and len(argument.indices) == 2:
            letters = tuple(index.letter or "" for index in argument.indices)
            return MatrixFunction(function, letters, self.lower(argument.array), places)
        row, column = self._fresh(), self._fresh()
        at = (Affine.of(row), Affine.of(column))
        bare = isinstance(argument, Ref) and not argument.indices and argument.name not in self.ranks
        body = Ref(argument.name, at) if bare else self.entry(self.lower(argument), at)  # type: ignore[attr-defined]
        return MatrixFunction(function, (row, column), body, places)

    def _norm(self, argument: Expr, kind: str, raised: bool = False) -> Expr:
        """The norm of a whole vector or matrix, as entries."""
        lowered = self.lower(argument)
        rank = self.rank(lowered)
        if not rank:
            raise UnreadableError("a norm of what has no entries, or of one entry; expected a whole vector or matrix")
        letters = tuple(self._fresh() for _ in range(rank))
        return norm_of(self.entry(lowered, tuple(map(Affine.of, letters))), letters, kind, raised)

    def _number_of(self, function: str, argument: Expr) -> Expr:
        if function == "tr":
            over = self._fresh()
            return Reduce("sum", (over,), self.entry(self.lower(argument), (Affine.of(over), Affine.of(over))))
        determinant = self._matrix_function("det", argument, ())
        return Call("log", (determinant,)) if function == "logdet" else determinant

    def _softmax(self, name: str, argument: Expr, indices: tuple[Affine, ...]) -> Expr:
        """The softmax over the last index."""
        if not indices:
            raise UnreadableError(f"`{name}` of a number; expected an array, and the index that it runs over last")
        letter = self._fresh()
        over = Call("exp", (self.entry(argument, (*indices[:-1], Affine.of(letter))),))
        total, here = Reduce("sum", (letter,), over), self.entry(argument, indices)
        return Div(Call("exp", (here,)), total) if name == "softmax" else add(here, neg(Call("log", (total,))))

    def _product(self, factors: Sequence[Expr], indices: tuple[Affine, ...]) -> Expr:
        """The entry of a product of matrices, vectors and numbers, from left to right."""
        scalars = [factor for factor in factors if not self.rank(factor)]
        matrices = [factor for factor in factors if self.rank(factor)]
        if not matrices:
            return mul(*scalars)
        if ONE in factors[1:]:
            raise UnreadableError("a 1 after a matrix could be a vector of ones; expected a sum over an index for it")
        *before, last = matrices
        if not before:
            return mul(*(self.entry(factor, indices) for factor in factors))
        left, right = self._rank_of_product(before), self.rank(last)
        row = isinstance(before[0], Transposed) if left == 1 else False
        rank, _ = _joined(left, row, right, isinstance(last, Transposed))
        if rank != len(indices):
            raise UnreadableError(f"a product with {rank} indices stands where {len(indices)} are expected")
        if (left, right) == (1, 1) and rank:
            places = (indices[:1], indices[1:]) if rank == 2 else (indices, indices)
            return mul(*scalars, self._product(before, places[0]), self.entry(last, places[1]))
        letter = self._fresh()
        over = (Affine.of(letter),)
        kept = indices[: left - 1]
        body = mul(self._product(before, (*kept, *over)), self.entry(last, (*over, *indices[left - 1 :])))
        return mul(*scalars, Reduce("sum", (letter,), body))

    def letters(self, count: int) -> list[Affine]:
        """Index letters for a left side that has none."""
        return [Affine.of(letter) for letter in "ijmnst"[:count]]

    def _fresh(self) -> str:
        letter = fresh_letter(self.taken, "klpqrtuvmnij")
        self.taken.add(letter)
        return letter


def _joined(left: int, row: bool, right: int, right_is_row: bool) -> tuple[int, bool]:
    """How many indices the product of two has that are no numbers, and whether it is a row."""
    if (left, right) != (1, 1):
        return left + right - 2, left == 1
    return (0, False) if row and not right_is_row else (2, False) if right_is_row and not row else (1, row)


def is_squared_alone(expr: Expr) -> bool:
    """Whether sigma stands nowhere in an expression without its square."""
    match expr:
        case Pow(Ref("sigma") | Entry(Ref("sigma")), Num(value)) if value == 2:
            return True
        case Entry(Pow(Ref("sigma"), Num(value))) if value == 2:
            return True
        case Ref("sigma") | Ref("dsigma"):
            return False
    return all(map(is_squared_alone, expr.children))


def check_entry(expr: Expr) -> Expr:
    """The expression, which must be free of matrix notation. Raises UnreadableError where it is not."""
    if any(_is_matrix(node) or isinstance(node, Entry) for node in expr.walk()):
        raise UnreadableError("a matrix operation stands among entries of arrays; expected indices on its matrices")
    return expr


def _is_matrix(node: Expr) -> bool:
    return isinstance(node, Transposed | Hadamard | Listing)


def _generalised(entries: Sequence[Expr], index: Affine) -> Expr:
    """The entry of a row that is written out, at an index in place of the number that counts 1, 2, …"""
    first = entries[0]
    general = _replace_number(first, 1, index)
    for k, entry in enumerate(entries[1:], 2):
        counted = any(_replace_number(first, 1, to) == entry for to in _ends(entry, k))
        if not counted:
            raise UnreadableError("the entries of the row that is written out differ in more than their number")
    return general


def _ends(entry: Expr, k: int) -> Iterator[Affine]:
    """What the k-th entry of a row may count with: k itself, or the letter of the last, n."""
    yield Affine.constant(k)
    yield from (Affine.of(letter) for letter in sorted(entry.letters))
    yield from (Affine.of(name) for name in sorted(entry.names))


def _replace_number(expr: Expr, number: int, index: Affine) -> Expr:
    if isinstance(expr, Ref):
        return Ref(expr.name, tuple(index if each == Affine.constant(number) else each for each in expr.indices))
    return expr.map(lambda child: _replace_number(child, number, index))
