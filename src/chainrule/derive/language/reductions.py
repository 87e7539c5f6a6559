"""Reductions over a range, such as `sum[j<=i](X[j])`, and reductions that stand for longer expressions, such as `std`.

A range is no node of its own: outside of it the body is what changes nothing, so `sum[j<=i](X[j])` is
`sum[j](where(j <= i, X[j], 0))`, and `prod[j!=i](X[j])` is `prod[j](where(j != i, X[j], 1))`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Const,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Position,
    Pow,
    Reduce,
    Ref,
    Where,
    add,
    mul,
    neg,
    num,
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
    """The text in the brackets: `j<=i`, or `i,j,j<i` where conditions alone would give the letters another order."""
    texts = [f"{position_text(c.left)}{c.relation}{position_text(c.right)}" for c in over.conditions]
    seen: list[str] = []
    for condition in over.conditions:
        for side in (condition.left, condition.right):
            seen += [letter for letter in affine_letters(side) if letter in over.letters and letter not in seen]
    first = [letter for letter in over.letters if letter not in seen]
    return ",".join([*(first if (*first, *seen) == over.letters else over.letters), *texts])


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
    order = sorted(index.terms, key=lambda term: (not term[0], term[1] < 0, -len(term[0]), term[0]))
    terms = []
    for monomial, coefficient in order:
        factors = [Position(name) if is_index(name) else Ref(name) for name in monomial]
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


# Reductions that stand for longer expressions. Each takes the range, the body, and the same with other letters.


def _mean_square(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return reduce_over("mean", over, Pow(add(body, neg(reduce_over("mean", other, again))), num(2)))


def _deviation(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return Call("sqrt", (_mean_square(over, body, other, again),))


def _norm(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return Call("sqrt", (reduce_over("sum", over, Pow(body, num(2))),))


def _log_sum_exp(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return Call("log", (reduce_over("sum", over, Call("exp", (body,))),))


def _softmax(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    whole = Div(Call("exp", (body,)), reduce_over("sum", other, Call("exp", (again,))))
    for condition in reversed(over.conditions):
        whole = Where(condition, whole, ZERO)
    return whole


def _log_softmax(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return add(body, neg(_log_sum_exp(other, again, over, body)))


def _cumulative(operation: str) -> Callable[[Range, Expr, Range, Expr], Expr]:
    def opened(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
        pairs = zip(other.letters, over.letters, strict=True)
        up_to = tuple(Compare("<=", Position(new), Position(old)) for new, old in pairs)
        return reduce_over(operation, Range(other.letters, up_to), again)

    return opened


class Shorthand(NamedTuple):
    """`open` gives the expression; `keeps` says whether the index stays free, as in softmax[k](X[s,k])."""

    open: Callable[[Range, Expr, Range, Expr], Expr]
    keeps: bool = False
    is_named: bool = False  # whether it gets a name where it is a part of a line: its gradient is written with it


SHORTHANDS: dict[str, Shorthand] = {
    "var": Shorthand(_mean_square, is_named=True),
    "std": Shorthand(_deviation, is_named=True),
    "norm": Shorthand(_norm, is_named=True),
    "logsumexp": Shorthand(_log_sum_exp, is_named=True),
    "softmax": Shorthand(_softmax, keeps=True, is_named=True),
    "logsoftmax": Shorthand(_log_softmax, keeps=True, is_named=True),
    "log_softmax": Shorthand(_log_softmax, keeps=True, is_named=True),
    "cumsum": Shorthand(_cumulative("sum"), keeps=True),
    "cumprod": Shorthand(_cumulative("prod"), keeps=True),
    "cummax": Shorthand(_cumulative("max"), keeps=True),
    "cummin": Shorthand(_cumulative("min"), keeps=True),
}
REFUSED = {
    "argmax": "a place, not a value, and has no gradient",
    "argmin": "a place, not a value, and has no gradient",
    "median": "a value in the order of the elements, which the language has for max and min alone",
    "sort": "the order of the elements, which the language has for max and min alone",
    "topk": "the order of the elements, which the language has for max and min alone",
}
SOFT_WORDS = {"prod", *SHORTHANDS, *REFUSED}  # names of arrays too, unless [indices] and a bracket ( follow


def open_shorthand(
    word: str, over: Range, body: Expr, taken: Sequence[str]
) -> tuple[Expr, list[tuple[str, Expr]]]:
    """What a shorthand stands for, and the parts of it that deserve a name, the inner ones first.

    `taken` are letters that the new ones must differ from.
    """
    new = {letter: first_new(letter, {*taken, *body.letters, letter}) for letter in over.letters}
    again = body.rename({old: Affine.of(letter) for old, letter in new.items()})
    whole = SHORTHANDS[word].open(over, body, over.rename(new), again)
    named = [("mu", reduce_over("mean", over, body))] if word in ("std", "var") else []
    return whole, [*named, *([(word, whole)] if SHORTHANDS[word].is_named else [])]
