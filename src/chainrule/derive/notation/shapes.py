"""Shapes of matrix expressions, and values that know their entries in index notation.

A dimension is one that others have turned out to be the same as; those of a program that has been read are `fixed`, and
no two of them are the same. A vector is a column, or a row once it is transposed; None says that it may be either.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Delta,
    Expr,
    Mul,
    Reduce,
    Size,
    mul,
)
from chainrule.derive.language.subscripts import Affine

Letters = tuple[str, ...]
COLUMN, ROW = "column", "row"


class ShapeError(Exception):
    """Two parts do not fit; the message says which, and what shapes they have."""


class UnclearError(ShapeError):
    """What is written has two meanings that both fit."""


@dataclass(eq=False)
class Dimension:
    """A number of rows or columns; `letter` is the index that runs over it, and `size` a number where one is given."""

    letter: str = ""
    fixed: bool = False
    size: int = 0
    same_as: "Dimension | None" = None

    @property
    def root(self) -> "Dimension":
        """The one that stands for all that are the same."""
        return self if self.same_as is None else self.same_as.root


def unify(a: Dimension, b: Dimension) -> bool:
    """Make two dimensions the same; False where they cannot be."""
    if not can_be_same(a, b):
        return False
    a, b = a.root, b.root
    if a is b:
        return True
    if b.fixed or (b.letter and not a.letter):
        a, b = b, a
    b.same_as = a
    a.letter, a.size = a.letter or b.letter, a.size or b.size
    return True


def can_be_same(a: Dimension, b: Dimension) -> bool:
    """Whether two dimensions can be the same, which this does not make them."""
    a, b = a.root, b.root
    return a is b or not ((a.fixed and b.fixed) or (a.size and b.size and a.size != b.size))


Parts = tuple[list[str], list[Expr]]  # letters that are summed over, and the factors under the sum


@dataclass
class Value:
    """A number, a vector or a matrix.

    parts: the entry at these letters, as the letters that are summed over and the factors of a product.
    single: whether it is a name, or the transpose of one.
    """

    dims: tuple[Dimension, ...]
    parts: Callable[[Letters], Parts]
    side: str | None = COLUMN
    single: bool = False

    @property
    def rank(self) -> int:
        """0, 1 or 2."""
        return len(self.dims)

    def entry(self, letters: Letters = ()) -> Expr:
        """The entry at these letters."""
        bound, factors = self.parts(letters)
        body = mul(*factors)
        return Reduce("sum", tuple(bound), body) if bound else body


def plain(dims: tuple[Dimension, ...], entry: Callable[[Letters], Expr], side: str | None = COLUMN) -> Value:
    """A value whose entries are no sums of products."""
    return Value(dims, lambda letters: ([], [entry(letters)]), side)


@dataclass
class Letterer:
    """Makes index letters, each of a dimension; `of` says which."""

    of: dict[str, Dimension] = field(default_factory=dict)

    def new(self, dimension: Dimension) -> str:
        """A letter that nothing else has; it is given a readable one in the end."""
        name = f"z{1000 + len(self.of)}"
        self.of[name] = dimension
        return name


def contract(letters: Letterer, dimension: Dimension, over: str, *sides: Parts) -> Parts:
    """The sum over a letter of the product of several parts: deltas are used up, a sum of nothing is a size."""
    bound = [over, *(letter for side in sides for letter in side[0])]
    factors = [factor for side in sides for f in side[1] for factor in (f.factors if isinstance(f, Mul) else (f,))]
    factors = [factor for factor in factors if factor != ONE]
    for delta in [factor for factor in factors if isinstance(factor, Delta)]:
        left, right = delta.left.letter or "", delta.right.letter or ""
        gone, kept = (left, right) if left in bound else (right, left)
        if gone in bound and gone != kept:
            bound.remove(gone)
            factors.remove(delta)
            factors = [factor.rename({gone: Affine.of(kept)}) for factor in factors]
    used = frozenset().union(*(factor.free for factor in factors))
    for letter in [letter for letter in bound if letter not in used]:
        bound.remove(letter)
        factors.append(Size(letter))
    return bound, factors or [ONE]


def times(letters: Letterer, a: Value, b: Value) -> Value | None:
    """The product of two values side by side; None where it has no meaning."""
    if not a.rank or not b.rank:
        array = a if a.rank else b
        return Value(array.dims, lambda at: _joined(a.parts(at if a.rank else ()), b.parts(at if b.rank else ())),
                     array.side)  # fmt: skip
    meet: tuple[Dimension, Dimension]
    dims: tuple[Dimension, ...]
    side: str | None
    match a.rank, b.rank:
        case (2, 2):
            meet, dims, side = (a.dims[1], b.dims[0]), (a.dims[0], b.dims[1]), COLUMN
        case (2, 1) if b.side != ROW:
            meet, dims, side = (a.dims[1], b.dims[0]), (a.dims[0],), COLUMN
        case (1, 2):
            meet, dims, side = (a.dims[0], b.dims[0]), (b.dims[1],), ROW if a.side == ROW else None
        case (1, 1) if a.side != COLUMN and b.side == COLUMN:
            meet, dims, side = (a.dims[0], b.dims[0]), (), COLUMN
        case (1, 1) if a.side != ROW and b.side == ROW:
            return Value((a.dims[0], b.dims[0]), lambda at: _joined(a.parts(at[:1]), b.parts(at[1:])))
        case _:
            return None
    if not unify(*meet):
        return None

    def parts(at: Letters) -> Parts:
        over = letters.new(meet[0])
        first, last = at[: a.rank - 1], at[a.rank - 1 :]
        return contract(letters, meet[0], over, a.parts((*first, over)), b.parts((over, *last)))

    if dims:
        return Value(dims, parts, side)
    return plain((), lambda at: _sum(*parts(at)))


def _joined(a: Parts, b: Parts) -> Parts:
    factors = [factor for factor in (*a[1], *b[1]) if factor != ONE]
    return [*a[0], *b[0]], factors or [ONE]


def _sum(bound: list[str], factors: list[Expr]) -> Expr:
    body = mul(*factors)
    return ZERO if body == ZERO else Reduce("sum", tuple(bound), body) if bound else body
