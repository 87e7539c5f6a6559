"""Reductions that stand for longer expressions, such as `std[i](…)`: each takes a range and a body.

The functions below take the range, the body, and both again with other letters. `var` and `std` divide by the number of
elements.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from chainrule.derive.language.expressions import (
    ZERO,
    Call,
    Compare,
    Div,
    Expr,
    Position,
    Pow,
    Reduce,
    Where,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.ranges import Range, first_new, reduce_over


def _mean_square(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return reduce_over("mean", over, Pow(add(body, neg(reduce_over("mean", other, again))), num(2)))


def _deviation(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return Call("sqrt", (_mean_square(over, body, other, again),))


def _norm(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return Call("sqrt", (reduce_over("sum", over, Pow(body, num(2))),))


def _log_sum_exp(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    return Call("log", (reduce_over("sum", over, Call("exp", (body,))),))


def _softmax(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    whole: Expr = Div(Call("exp", (body,)), reduce_over("sum", other, Call("exp", (again,))))
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


def _sorted(over: Range, body: Expr, other: Range, again: Expr) -> Expr:
    """The element with so many before it as its place says: those smaller, and of equal ones those that come first."""
    (place,), (own,) = over.letters, other.letters
    third = first_new(place, {place, own, *again.letters})
    beside = again.rename({own: Affine.of(third)})
    first = mul(Compare("==", beside, again), Compare("<", Position(third), Position(own)))
    before = Reduce("sum", (third,), add(Compare("<", beside, again), first))
    return Reduce("sum", (own,), mul(again, Compare("==", before, Position(place))))


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
    "sort": Shorthand(_sorted, keeps=True),
}
REFUSED = {
    "argmax": "a place, not a value, and has no gradient; it may be compared with an index, as in k == argmax[j](X[j])",
    "argmin": "a place, not a value, and has no gradient; it may be compared with an index, as in k == argmin[j](X[j])",
    "median": "a value in the order of the elements; write it with sort[i](X[i]), the elements from the smallest on",
    "topk": "the order of the elements; write -sort[i](-X[i]) * (i < 3) for the three largest",
}
SOFT_WORDS = {"prod", *SHORTHANDS, *REFUSED}  # names of arrays too, unless [indices] and a bracket ( follow


def open_shorthand(word: str, over: Range, body: Expr, taken: Sequence[str]) -> tuple[Expr, list[tuple[str, Expr]]]:
    """What a shorthand stands for, and the parts of it that deserve a name, the inner ones first.

    `taken` are letters that the new ones must differ from.
    """
    new = {letter: first_new(letter, {*taken, *body.letters, letter}) for letter in over.letters}
    again = body.rename({old: Affine.of(letter) for old, letter in new.items()})
    whole = SHORTHANDS[word].open(over, body, over.rename(new), again)
    named = [("mu", reduce_over("mean", over, body))] if word in ("std", "var") else []
    return whole, [*named, *([(word, whole)] if SHORTHANDS[word].is_named else [])]
