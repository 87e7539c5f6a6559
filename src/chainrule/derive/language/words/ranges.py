"""Reductions over a range, such as `sum[j<=i](X[j])`.

A range is no node of its own: outside of it the body is what changes nothing, so `sum[j<=i](X[j])` is
`sum[j](where(j <= i, X[j], 0))`, and `prod[j!=i](X[j])` is `prod[j](where(j != i, X[j], 1))`.
"""

from collections.abc import Iterable
from typing import NamedTuple

from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Compare,
    Const,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Position,
    Reduce,
    Ref,
    Where,
    add,
    mul,
    neg,
    num,
    place_value,
)
from chainrule.derive.language.subscripts import Affine, is_index

NEUTRAL: dict[str, Expr] = {"sum": ZERO, "prod": ONE, "max": neg(Const("inf")), "min": Const("inf")}


class Range(NamedTuple):
    """What stands in the brackets of a reduction: its letters, and conditions on positions."""

    letters: tuple[str, ...]
    conditions: tuple[Compare, ...] = ()

    def rename(self, meaning: dict[str, str]) -> "Range":
        """The range with letters replaced."""
        indices = {old: Affine.of(new) for old, new in meaning.items()}
        letters = tuple(meaning.get(letter, letter) for letter in self.letters)
        return Range(letters, tuple(c.rename(indices) for c in self.conditions))  # type: ignore[misc]


def reduce_over(operation: str, over: Range, body: Expr) -> Expr:
    """The reduction of a body over a range. A product over several indices is one of products."""
    if operation == "mean" and over.conditions:
        return Div(reduce_over("sum", over, body), reduce_over("sum", over, ONE))
    for condition in reversed(over.conditions):
        body = Where(condition, body, NEUTRAL[operation])
    if operation != "prod":
        return Reduce(operation, over.letters, body)
    for letter in reversed(over.letters):
        body = Reduce("prod", (letter,), body)
    return body


def range_of(expr: Reduce) -> tuple[Range, Expr]:
    """The range that a reduction runs over, and its body inside of the range."""
    conditions, body = [], expr.body
    while isinstance(body, Where) and body.other == NEUTRAL.get(expr.operation) and _is_range(body.condition, expr):
        conditions.append(body.condition)
        body = body.then
    return Range(expr.indices, tuple(conditions)), body  # type: ignore[arg-type]


def _is_range(condition: Expr, reduction: Reduce) -> bool:
    """Whether a condition compares positions, one of the reduction's indices among them."""
    if not isinstance(condition, Compare) or condition.free.isdisjoint(reduction.indices):
        return False
    sides = [affine_of(condition.left), affine_of(condition.right)]
    return all(sides) and [condition.left, condition.right] == [position(side) for side in sides if side]


def show_range(over: Range) -> str:
    """The text in the brackets: `j<=i`, or `j,i,i<j` where conditions alone would give the letters another order."""
    texts = [f"{position_text(c.left)}{c.relation}{position_text(c.right)}" for c in over.conditions]
    seen: list[str] = []
    for condition in over.conditions:
        for side in (condition.left, condition.right):
            seen += [letter for letter in affine_letters(side) if letter in over.letters and letter not in seen]
    for k in range(len(over.letters) + 1):  # as few letters by themselves as give all letters their order
        first = over.letters[:k]
        if (*first, *(letter for letter in seen if letter not in first)) == over.letters:
            break
    return ",".join([*first, *texts])


def position_text(expr: Expr) -> str:
    """Index arithmetic as it stands in brackets: `i-1`."""
    return str(affine_of(expr))


def affine_letters(expr: Expr) -> list[str]:
    """The letters of index arithmetic in the order of its text."""
    text = position_text(expr)
    return sorted((affine_of(expr) or Affine(())).letters, key=text.index)


def affine_of(expr: Expr) -> Affine | None:
    """A position as index arithmetic; None where it is none."""
    match expr:
        case Position(index):
            return Affine.of(index)
        case Ref(name, ()) if not is_index(name):
            return Affine.of(name)
        case Num(value) if value.denominator == 1:
            return Affine.constant(value.numerator)
        case Neg(argument):
            inner = affine_of(argument)
            return -inner if inner else None
        case Add(terms) | Mul(terms):
            total, *rest = [affine_of(term) for term in terms]
            for part in rest:
                if total is None or part is None:
                    return None
                total = total + part if isinstance(expr, Add) else total * part
            return total
    return None


def position(index: Affine) -> Expr:
    """Index arithmetic as an expression, in the order in which it is written: `i-1` becomes `i - 1`."""
    order = sorted(index.terms, key=lambda term: (not term[0], term[1] < 0, -len(term[0]), [*map(str, term[0])]))
    terms = []
    for monomial, coefficient in order:
        factors = [place_value(factor) for factor in monomial]
        size = abs(coefficient)
        product = mul(*([num(size)] if size != 1 or not factors else []), *factors)
        terms.append(neg(product) if coefficient < 0 else product)
    return add(*terms)


def first_new(letter: str, taken: Iterable[str]) -> str:
    """A letter that runs over the same dimension, with primes enough to be new."""
    taken = set(taken)
    while letter in taken:
        letter += "'"
    return letter
