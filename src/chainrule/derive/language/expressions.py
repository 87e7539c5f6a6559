"""The expressions of the language: immutable, hashable nodes, compared by structure.

Build them with `num`, `add`, `mul`, `neg` and the classes; `add` and `mul` flatten, `neg` folds signs, so that an
expression has one shape and printing followed by parsing gives it back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from operator import is_
from typing import Any, ClassVar, Self, dataclass_transform

from chainrule.derive.language.lazy import lazy
from chainrule.derive.language.subscripts import Affine, Factor, Lookup, is_index

REDUCTIONS = frozenset({"sum", "mean", "max", "min"})
RELATIONS = ("<=", ">=", "==", "!=", "<", ">")


@dataclass_transform(frozen_default=True, eq_default=False)
class Expr:
    """Any expression. A class of nodes names its fields, as a dataclass does; nodes are never changed."""

    __match_args__: ClassVar[tuple[str, ...]]
    _key: ClassVar[tuple]

    def __init_subclass__(cls) -> None:
        cls.__match_args__ = tuple(cls.__annotations__)  # type: ignore[misc]

    def __init__(self, *key: Any) -> None:
        fields = type(self).__match_args__
        if len(key) < len(fields):  # the defaults
            key += tuple(getattr(type(self), name) for name in fields[len(key) :])
        store = self.__dict__
        store.update(zip(fields, key, strict=True))
        store["_key"] = key

    @lazy
    def children(self) -> tuple["Expr", ...]:
        """The expressions directly inside it."""
        return tuple(child for value in self._key for child in _expressions(value))

    @lazy
    def depth(self) -> int:
        """How many nodes lie one in the other, itself among them."""
        return 1 + max((child.depth for child in self.children), default=0)

    @lazy
    def letters(self) -> frozenset[str]:
        """The indices in it."""
        return self._own()[0].union(*(child.letters for child in self.children))

    @lazy
    def names(self) -> frozenset[str]:
        """The arrays and scalars in it."""
        return self._own()[1].union(*(child.names for child in self.children))

    @lazy
    def free(self) -> frozenset[str]:
        """The indices in it that no reduction inside it binds."""
        return self._free()

    @lazy
    def _hash(self) -> int:
        return hash((type(self).__name__, self._key))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, type(self)) and self._hash == other._hash and self._key == other._key

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._key))})"

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        """Index letters and array names that stand in the node itself."""
        return frozenset(), frozenset()

    def _free(self) -> frozenset[str]:
        return frozenset().union(*(child.free for child in self.children))

    def rebuild(self, children: tuple["Expr", ...]) -> "Expr":
        """The same node with other children."""
        rest = iter(children)
        filled = []
        for value in self._key:
            inside = tuple(next(rest) for _ in _expressions(value))
            filled.append(value if not inside else inside if isinstance(value, tuple) else inside[0])
        return type(self)(*filled)

    def map(self, change: Callable[["Expr"], "Expr"]) -> "Expr":
        """The node with `change` done to each child; itself where nothing changed."""
        new = tuple(map(change, self.children))
        return self if all(map(is_, self.children, new)) else self.rebuild(new)

    def walk(self) -> Iterator["Expr"]:
        """The node and everything in it, outermost first."""
        waiting: list[Expr] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.children[::-1])

    def rename(self, meaning: Mapping[str, Affine]) -> "Expr":
        """The expression with free index letters replaced. No new letter may be one that a sum inside binds."""
        return self if self.letters.isdisjoint(meaning) else self._rename(meaning)

    def _rename(self, meaning: Mapping[str, Affine]) -> "Expr":
        return self.map(lambda child: child.rename(meaning))


def _expressions(value: object) -> tuple[Expr, ...]:
    """The expressions that a field of a node holds."""
    if isinstance(value, Expr):
        return (value,)
    return value if isinstance(value, tuple) and value and isinstance(value[0], Expr) else ()


class Num(Expr):
    """An exact number whose decimal expansion ends: 3, 0.5, 1e-5."""

    value: Fraction


class Const(Expr):
    """`pi` or `inf`."""

    name: str


class Position(Expr):
    """An index used as a number, as in `where(j <= i, …)`."""

    index: str

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        return self.free, frozenset()

    def _free(self) -> frozenset[str]:
        return frozenset({self.index})

    def _rename(self, meaning: Mapping[str, Affine]) -> Expr:
        return index_value(meaning[self.index]) if self.index in meaning else self


class Ref(Expr):
    """An element of an array, `X[s,i+a]`, or a scalar, `eps`, which has no indices."""

    name: str
    indices: tuple[Affine, ...] = ()

    @property
    def axes(self) -> tuple[str, ...]:
        """The letter at each axis; "" where anything but one letter stands."""
        return tuple(index.letter or "" for index in self.indices)

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        return self.free, frozenset({self.name}).union(*map(_names_in, self.indices))

    def _free(self) -> frozenset[str]:
        return frozenset().union(*(index.letters for index in self.indices))

    def _rename(self, meaning: Mapping[str, Affine]) -> "Ref":
        return Ref(self.name, tuple(index.substitute(meaning) for index in self.indices))


class Size(Expr):
    """How many values the index takes."""

    index: str

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset({self.index}), frozenset()

    def _rename(self, meaning: Mapping[str, Affine]) -> Expr:
        letter = meaning[self.index].letter if self.index in meaning else self.index
        return Size(letter) if letter else self


class Delta(Expr):
    """Kronecker's delta: 1 where both sides are equal, else 0."""

    left: Affine
    right: Affine

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        return self.free, _names_in(self.left) | _names_in(self.right)

    def _free(self) -> frozenset[str]:
        return self.left.letters | self.right.letters

    def _rename(self, meaning: Mapping[str, Affine]) -> Expr:
        return Delta(self.left.substitute(meaning), self.right.substitute(meaning))


class Neg(Expr):
    """Minus the argument."""

    argument: Expr

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        """The same operation on other children, in normal form."""
        return neg(*children)


class Add(Expr):
    """The sum of two terms or more, none of them a sum."""

    terms: tuple[Expr, ...]

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        """The same operation on other children, in normal form."""
        return add(*children)


class Mul(Expr):
    """The product of two factors or more, none of them a product."""

    factors: tuple[Expr, ...]

    def rebuild(self, children: tuple[Expr, ...]) -> Expr:
        """The same operation on other children, in normal form."""
        return mul(*children)


class Div(Expr):
    """A quotient."""

    numerator: Expr
    denominator: Expr


class Pow(Expr):
    """A power."""

    base: Expr
    exponent: Expr


class Call(Expr):
    """A function of `functions.py` with one argument, or `max` or `min` of two or more."""

    function: str
    arguments: tuple[Expr, ...]


class Compare(Expr):
    """1 where the relation holds, else 0."""

    relation: str
    left: Expr
    right: Expr


class Where(Expr):
    """`then` where the condition is not 0, else `other`."""

    condition: Expr
    then: Expr
    other: Expr


class Started(Where):
    """An element that may lie before the first step of a recurrence, such as `h[t-1]`; there it is the start.

    It is written as the element alone, `other`; `then` is the start, which a line such as `h[-1] = h0` gives.
    """

    condition: Expr
    then: Expr
    other: Expr


class _Binding(Expr):
    """What binds indices in its body."""

    def rebound(self, indices: tuple[str, ...], body: Expr) -> Self:
        """The same with other indices, and the body in which they stand."""
        new = {"indices": indices, "body": body}
        fields: list[tuple[str, Any]] = list(zip(type(self).__match_args__, self._key, strict=True))
        return type(self)(*(new.get(field, value) for field, value in fields))

    def beside(self, meaning: Mapping[str, Affine]) -> Self:
        """The same with letters replaced that stand beside the body."""
        return self


class Reduce(_Binding):
    """`sum`, `mean`, `max` or `min` of the body over all values of the indices."""

    operation: str
    indices: tuple[str, ...]
    body: Expr

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(self.indices), frozenset()

    def _free(self) -> frozenset[str]:
        return self.body.free - set(self.indices)

    def _rename(self, meaning: Mapping[str, Affine]) -> Expr:
        inner = {letter: to for letter, to in meaning.items() if letter not in self.indices}
        return Reduce(self.operation, self.indices, self.body.rename(inner))


class MatrixFunction(_Binding):
    """A function of a whole matrix, whose entry at row i and column j is the body: `det[i,j](X[i,j])`.

    Where its value is a matrix, `places` say which entry of it is meant: `inv[i,j](X[i,j])[m,n]`.
    """

    function: str
    indices: tuple[str, ...]
    body: Expr
    places: tuple[Affine, ...] = ()

    def at(self, *letters: str) -> "MatrixFunction":
        """Another entry of the same matrix."""
        return self.at_places(tuple(map(Affine.of, letters)))

    def at_places(self, places: tuple[Affine, ...]) -> "MatrixFunction":
        """The entry of the same matrix at these places."""
        return MatrixFunction(self.function, self.indices, self.body, places)

    def beside(self, meaning: Mapping[str, Affine]) -> Self:
        """The same with letters of the places replaced."""
        places = tuple(place.substitute(meaning) for place in self.places)
        return type(self)(self.function, self.indices, self.body, places)

    def _own(self) -> tuple[frozenset[str], frozenset[str]]:
        return self._letters_of_places().union(self.indices), frozenset().union(*map(_names_in, self.places))

    def _free(self) -> frozenset[str]:
        return (self.body.free - set(self.indices)) | self._letters_of_places()

    def _letters_of_places(self) -> frozenset[str]:
        return frozenset().union(*(place.letters for place in self.places))

    def _rename(self, meaning: Mapping[str, Affine]) -> Expr:
        inner = {letter: to for letter, to in meaning.items() if letter not in self.indices}
        return self.rebound(self.indices, self.body.rename(inner)).beside(meaning)


Binder = Reduce | MatrixFunction


class Partial(Expr):
    """The partial derivative of an expression with respect to an element of an array: `d(Y[i,j])/d(X[m,n])`."""

    of: Expr
    by: Ref

    def _free(self) -> frozenset[str]:
        return self.of.free | self.by.free


def num(value: int | Fraction) -> Expr:
    """A number as an expression: a `Num` where its decimal expansion ends, else a quotient of two."""
    value = Fraction(value)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return Num(value) if rest == 1 else Div(Num(Fraction(value.numerator)), Num(Fraction(value.denominator)))


ZERO, ONE = num(0), num(1)


def neg(argument: Expr) -> Expr:
    """Minus an expression; a number changes its sign, and two minus signs cancel."""
    if isinstance(argument, Num):
        return Num(-argument.value)
    return argument.argument if isinstance(argument, Neg) else Neg(argument)


def add(*terms: Expr) -> Expr:
    """A sum; sums among the terms are opened, the empty sum is 0."""
    flat = [t for term in terms for t in (term.terms if isinstance(term, Add) else (term,))]
    return Add(tuple(flat)) if len(flat) > 1 else flat[0] if flat else ZERO


def mul(*factors: Expr) -> Expr:
    """A product; products among the factors are opened, the empty product is 1."""
    flat = [f for factor in factors for f in (factor.factors if isinstance(factor, Mul) else (factor,))]
    return Mul(tuple(flat)) if len(flat) > 1 else flat[0] if flat else ONE


def delta(left: Affine, right: Affine) -> Delta:
    """Kronecker's delta, an element of an index array on its right side: `delta[k,y[s]]`."""
    return Delta(right, left) if left.lookups and not right.lookups else Delta(left, right)


def ref(name: str, letters: Iterable[str] = ()) -> Ref:
    """The element of an array at plain index letters."""
    return Ref(name, tuple(map(Affine.of, letters)))


def _names_in(index: Affine) -> frozenset[str]:
    """The scalars and index arrays in a subscript."""
    return index.scalars | index.arrays


def index_value(index: Affine) -> Expr:
    """Index arithmetic as an expression: `i+2*a` becomes a sum of positions."""
    terms = []
    for monomial, coefficient in index.terms:
        factors = [place_value(factor) for factor in monomial]
        terms.append(mul(*([num(coefficient)] if coefficient != 1 or not factors else []), *factors))
    return add(*terms)


def place_value(factor: Factor) -> Expr:
    """A factor of index arithmetic as a number."""
    if isinstance(factor, Lookup):
        return Ref(factor.name, factor.indices)
    return Position(factor) if is_index(factor) else Ref(factor)


def elements_in(expr: Expr) -> Iterator[Ref]:
    """Every element of an array in an expression, those inside of subscripts among them."""
    for node in expr.walk():
        if isinstance(node, Ref):
            yield node
        for subscript in subscripts_of(node):
            yield from (Ref(lookup.name, lookup.indices) for lookup in subscript.lookups)


def subscripts_of(node: Expr) -> tuple[Affine, ...]:
    """The index arithmetic in an element, a delta or an entry of a function of a matrix; nothing in other nodes."""
    match node:
        case Ref(_, indices):
            return indices
        case Delta(left, right):
            return (left, right)
        case MatrixFunction():
            return node.places
        case _:
            return ()


def relabelled(expr: Expr, names: Mapping[str, str]) -> Expr:
    """An expression with letters replaced, those of its sums too."""
    if expr.letters.isdisjoint(names):
        return expr
    meaning = {old: Affine.of(new) for old, new in names.items()}
    if isinstance(expr, Binder):
        inside = expr.rebound(tuple(names.get(a, a) for a in expr.indices), relabelled(expr.body, names))
        return inside.beside(meaning)
    if expr.children:
        return expr.map(lambda child: relabelled(child, names))
    return expr.rename(meaning)


def letters_in_order(atom: Expr) -> Iterator[str]:
    """The index letters of an expression as they stand in it, from left to right, with repeats."""
    for node in atom.walk():
        if isinstance(node, Ref):
            for index in node.indices:
                yield from sorted(index.letters, key=lambda letter: (index.letter is None, letter))
        elif isinstance(node, Delta):
            yield from (*sorted(node.left.letters), *sorted(node.right.letters))
        elif isinstance(node, MatrixFunction):
            yield from (letter for place in node.places for letter in sorted(place.letters))


def order_letters(letters: Iterable[str], body: Expr) -> tuple[str, ...]:
    """Bound letters in the order in which an expression uses them."""
    used = list(dict.fromkeys(letters_in_order(body)))
    return tuple(sorted(letters, key=lambda letter: (used.index(letter) if letter in used else len(used), letter)))


def split_quotient(expr: Expr) -> tuple[list[Expr], list[Expr]]:
    """The factors of a product, and those of its denominators."""
    if isinstance(expr, Mul):
        parts = [split_quotient(factor) for factor in expr.factors]
        return [f for above, _ in parts for f in above], [f for _, below in parts for f in below]
    if isinstance(expr, Div):
        above, below = split_quotient(expr.numerator)
        denominator = [*expr.denominator.factors] if isinstance(expr.denominator, Mul) else [expr.denominator]
        return above, [*below, *denominator]
    return [expr], []
