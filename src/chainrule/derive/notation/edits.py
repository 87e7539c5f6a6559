"""Edits of a matrix expression, each with what it costs and what it says was wrong; one function for each kind."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chainrule.derive.language.expressions import (
    ONE,
    Add,
    Call,
    Compare,
    Const,
    Expr,
    Neg,
    Num,
    Ref,
    add,
    neg,
    num,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.occurrences import Occurrence, occurrences
from chainrule.derive.notation.nodes import Ones, Product, Quotient, Raised, show_matrices, transpose
from chainrule.derive.notation.programs import Opened, open_as
from chainrule.derive.notation.shapes import Dimension, ShapeError
from chainrule.derive.reading.matrices import Hadamard, Transposed

TURNED = {"<": (">", ">="), ">": ("<", "<="), "<=": (">=", ">"), ">=": ("<=", "<"), "==": ("!=",), "!=": ("==",)}
Edit = tuple[float, Expr, str]


@dataclass(frozen=True)
class Wanted:
    """The gradient that an expression shall be: its element and shape, and what names are known."""

    opened: Opened
    shapes: Mapping[str, tuple[Dimension, ...]]
    target: Ref
    dims: tuple[Dimension, ...]

    @property
    def numbers(self) -> list[str]:
        """The names of numbers that are no gradient of a loss, which is 1."""
        return [name for name, dims in self.shapes.items() if not dims and not name.startswith("d")]

    def entry(self, expr: Expr) -> Expr | None:
        """The entry of an expression at the letters of the gradient; None where it does not fit."""
        try:
            return open_as(self.opened, dict(self.shapes), self.target, self.dims, expr)
        except ShapeError:
            return None


def edits(expr: Expr, wanted: Wanted) -> Iterator[Edit]:
    """Expressions near to one, each with its distance and what is different."""
    for place in occurrences(expr):
        for kind in KINDS:
            yield from kind(place, wanted)


def _transposes(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A transpose that is missing, or too many."""
    node = place.node
    if isinstance(place.parent, Transposed) or isinstance(node, Num):
        return
    words = "should not be transposed" if isinstance(node, Transposed) else "should be transposed"
    shown = show_matrices(node.argument if isinstance(node, Transposed) else node)
    yield 1.0, place.put(turned(node, wanted)), f"`{shown}` {words}"


def turned(expr: Expr, wanted: Wanted) -> Expr:
    """The transpose, written factor by factor."""
    match expr:
        case Num():
            return expr
        case Ref(name) if not wanted.shapes.get(name):
            return expr
        case Neg(argument):
            return neg(turned(argument, wanted))
        case Product(factors):
            numbers = [
                f for f in factors if isinstance(f, Num) or (isinstance(f, Ref) and not wanted.shapes.get(f.name))
            ]
            rest = [turned(factor, wanted) for factor in reversed(factors) if factor not in numbers]
            return _whole((*numbers, *rest))
    return transpose(expr)


def _products(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """Factors in another order, transposed or not; a product entry by entry for one of matrices."""
    node = place.node
    if isinstance(node, Hadamard):
        yield (
            1.2,
            place.put(Product((node.left, node.right))),
            f"`{show_matrices(node)}` should be a product of matrices",
        )
        return
    if not isinstance(node, Product):
        return
    factors = node.factors
    for k in range(1, len(factors)):
        left, right = (_whole(part) for part in (factors[:k], factors[k:]))
        reason = f"the product of `{show_matrices(left)}` and `{show_matrices(right)}` should be taken entry by entry"
        yield 1.2, place.put(Hadamard(left, right)), reason
    for i, j, k in itertools.combinations(range(len(factors) + 1), 3):
        if k - i < len(factors):
            left, right = _whole(factors[i:j]), _whole(factors[j:k])
            reason = (
                f"the product of `{show_matrices(left)}` and `{show_matrices(right)}` should be taken entry by entry"
            )
            yield 1.3, place.put(Product((*factors[:i], Hadamard(left, right), *factors[k:]))), reason
    if len(factors) <= 4:
        for order in itertools.permutations(range(len(factors))) if len(factors) <= 3 else [range(len(factors))]:
            moved = sum(a != b for a, b in enumerate(order)) / 2
            for turned in itertools.product((False, True), repeat=len(factors)):
                new = tuple(transpose(factors[k]) if t else factors[k] for k, t in zip(order, turned, strict=True))
                cost = 0.9 * moved + 1.05 * sum(turned)
                if cost:
                    yield (
                        cost,
                        place.put(Product(new)),
                        f"`{show_matrices(node)}` should be `{show_matrices(Product(new))}`",
                    )
    for k in range(len(factors)):
        rest = (*factors[:k], *factors[k + 1 :])
        yield 1.3, place.put(_whole(rest)), f"the factor `{show_matrices(factors[k])}` is too many"


def _whole(factors: tuple[Expr, ...]) -> Expr:
    return factors[0] if len(factors) == 1 else Product(factors)


def _product(*factors: Expr) -> Expr:
    """A product; products among the factors are opened."""
    return Product(
        tuple(f for factor in factors for f in (factor.factors if isinstance(factor, Product) else (factor,)))
    )


def _sums(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A sum over rows or columns that is missing; terms that are too many."""
    node = place.node
    if isinstance(node, Ones | Num) or isinstance(place.parent, Product):
        return
    row, column = Product((Transposed(Ones()), node)), Product((node, Ones()))
    yield 1.0, place.put(row), f"the sum over the rows of `{show_matrices(node)}` is missing"
    yield 1.1, place.put(column), f"the sum over the columns of `{show_matrices(node)}` is missing"
    yield 1.4, place.put(Call("sum", (node,))), f"the sum of all entries of `{show_matrices(node)}` is missing"
    if isinstance(node, Add):
        for k, term in enumerate(node.terms):
            rest = add(*node.terms[:k], *node.terms[k + 1 :])
            yield 1.3, place.put(rest), f"the term `{show_matrices(term)}` is too many"


def _factors(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A factor that is missing: a name on either side, or entry by entry."""
    node = place.node
    if isinstance(node, Num) or isinstance(place.parent, Transposed | Product):
        return
    factors = node.factors if isinstance(node, Product) else (node,)
    for name in wanted.shapes:
        if name == wanted.target.name or not wanted.shapes[name]:
            continue
        missing = f"the factor `{name}` is missing"
        forms = [Ref(name), Transposed(Ref(name))]
        for factor, k in itertools.product(forms + _inverted(name, wanted), range(len(factors) + 1)):
            yield 1.6, place.put(_product(*factors[:k], factor, *factors[k:])), missing
        yield 1.6, place.put(Hadamard(node, Ref(name))), missing
    for name in wanted.numbers:
        yield 1.7, place.put(_product(Ref(name), *factors)), f"the factor `{name}` is missing"


def _inverted(name: str, wanted: Wanted) -> list[Expr]:
    """The inverse of a square matrix, and its transpose."""
    dims = [dimension.root for dimension in wanted.shapes[name]]
    inverse = Call("inv", (Ref(name),))
    return [inverse, Transposed(inverse)] if len(dims) == 2 and dims[0] is dims[1] else []


def _signs(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A sign, a factor 2, a number of samples."""
    node = place.node
    if place.is_root or isinstance(place.parent, Add):
        yield 0.9, place.put(neg(node)), "the sign is wrong"
        twice = neg(_product(num(2), node.argument)) if isinstance(node, Neg) else _product(num(2), node)
        yield 1.2, place.put(twice), "the factor 2 is missing"
        yield 1.2, place.put(Quotient(node, num(2))), "the factor 1/2 is missing"
        for size in wanted.opened.sizes:
            yield 1.3, place.put(Quotient(node, Ref(size))), f"the factor 1/{size} is missing"
    if isinstance(node, Neg) and not place.is_root and not isinstance(place.parent, Add):
        yield 0.9, place.put(node.argument), "the sign is wrong"
    if isinstance(node, Product) and isinstance(number := node.factors[0], Num):
        yield 1.0, place.put(_whole(node.factors[1:])), f"the factor {show_matrices(number)} is too many"
    if isinstance(node, Num) and node != ONE:
        values = {node.value + 1, node.value - 1, 2 * node.value, node.value / 2}
        if isinstance(place.parent, Product | Raised):  # what is left without it is another edit
            values -= {0, 1}
        for value in sorted(values):
            yield 1.1, place.put(num(value)), f"`{show_matrices(node)}` should be `{show_matrices(num(value))}`"
    if isinstance(node, Num) and not isinstance(place.parent, Raised):
        yield 1.4, place.put(_product(node, Const("pi"))), f"the factor π is missing at `{show_matrices(node)}`"
    if isinstance(node, Quotient):
        yield 1.3, place.put(node.above), f"the divisor `{show_matrices(node.below)}` is too many"


def _divisions(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A factor that should divide, entry by entry or as a number."""
    node = place.node
    if isinstance(node, Hadamard):
        for above, below in ((node.left, node.right), (node.right, node.left)):
            reason = f"`{show_matrices(below)}` should divide, not multiply"
            yield 1.2, place.put(Quotient(above, below, True)), reason
    factors = node.factors if isinstance(node, Product) else ()
    numbers = [f for f in factors if _is_number(f, wanted)][:4]
    for count in range(1, len(numbers) + 1):
        for some in itertools.combinations(numbers, count):
            below, rest = _whole(some), tuple(factor for factor in factors if factor not in some)
            if not rest or ONE in some:
                continue
            reason = f"`{show_matrices(below)}` should divide, not multiply"
            yield 1.1 + 0.1 * count, place.put(Quotient(_whole(rest), below)), reason
            if isinstance(rest[-1], Hadamard):  # c (a ∘ b) for b ⊘ (c a)
                for one, other in ((rest[-1].left, rest[-1].right), (rest[-1].right, rest[-1].left)):
                    above = _whole((*rest[:-1], Quotient(one, other, True)))
                    both = show_matrices(_product(*some, other))
                    yield 1.5, place.put(Quotient(above, below)), f"`{both}` should divide, not multiply"


def _is_number(expr: Expr, wanted: Wanted) -> bool:
    return isinstance(expr, Num | Const) or (isinstance(expr, Ref) and not wanted.shapes.get(expr.name))


def _terms(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A term that is missing: an array, one times a number, or two entry by entry."""
    node = place.node
    if not place.is_root or isinstance(node, Num):
        return
    names = [Ref(name) for name, dims in wanted.shapes.items() if dims and name != wanted.target.name]
    terms: list[Expr] = [*names, *itertools.starmap(Hadamard, itertools.combinations(names, 2))]
    terms += [_product(num(2), term) for term in terms]
    terms += [_product(*scale, Ref(n), a) for a in names for n in wanted.numbers for scale in ((), (num(2),))]
    for term in terms:
        reason = f"the term `{show_matrices(term)}` is missing"
        yield 1.9, place.put(add(node, term)), reason
        yield 1.9, place.put(add(node, neg(term))), reason.replace("`", "`-", 1)


def _functions(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A root that is missing, a function or power that is too many, a comparison the other way round."""
    node = place.node
    shown = show_matrices(node)
    if isinstance(node, Raised):
        yield 1.2, place.put(node.base), f"the power of `{show_matrices(node.base)}` is too many"
    if isinstance(node, Call) and node.function in FUNCTIONS and len(node.arguments) == 1:
        yield 1.3, place.put(node.arguments[0]), f"`{node.function}` is too many"
    if isinstance(node, Compare):
        for relation in TURNED.get(node.relation, ()):
            new = Compare(relation, *node.children)
            yield 1.1, place.put(new), f"`{shown}` should be `{show_matrices(new)}`"
    if isinstance(node, Ref | Add | Raised) and not isinstance(place.parent, Transposed):
        yield 1.4, place.put(Call("sqrt", (node,))), f"the root of `{shown}` is missing"
        yield 1.5, place.put(Raised(node, num(2), True)), f"`{shown}` should be squared"


def _names(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """Another name."""
    node = place.node
    if isinstance(node, Ref):
        for name in wanted.shapes:
            if name not in (node.name, wanted.target.name) and (wanted.shapes[name] or name in wanted.numbers):
                for new in (Ref(name), Transposed(Ref(name))):
                    cost = 1.4 + 0.5 * isinstance(new, Transposed)
                    yield cost, place.put(new), f"`{node.name}` should be `{show_matrices(new)}`"


def _symmetric(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """A matrix taken to be symmetric: 2 A for A + Aᵀ."""
    node = place.node
    if isinstance(node, Product) and node.factors[0] == num(2) and len(node.factors) > 1:
        first, *rest = node.factors[1:]
        both = add(first, transpose(first))
        reason = (
            f"`{show_matrices(first)}` need not be symmetric: `2 {show_matrices(first)}` is `{show_matrices(both)}`"
        )
        yield 1.5, place.put(_whole((both, *rest))), reason


def _inverses(place: Occurrence, wanted: Wanted) -> Iterator[Edit]:
    """An inverse that is missing, or too many."""
    node = place.node
    if isinstance(node, Call) and node.function == "inv":
        yield 1.2, place.put(node.arguments[0]), f"`{show_matrices(node.arguments[0])}` should not be inverted"
    elif isinstance(node, Ref) and (inverses := _inverted(node.name, wanted) if node.name in wanted.shapes else []):
        inverse, both = inverses
        yield 1.3, place.put(inverse), f"`{node.name}` should be inverted"
        if not isinstance(place.parent, Transposed):
            yield 1.8, place.put(both), f"`{node.name}` should be inverted and transposed"


KINDS = (
    _transposes, _products, _sums, _factors, _signs, _names, _inverses, _functions, _symmetric, _divisions, _terms,
)  # fmt: skip
