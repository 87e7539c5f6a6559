"""Small edits of a line, each with what it costs and what it says was wrong.

One function for each kind of mistake: it takes the context of a line and one place in it, and yields edited lines. They
need be neither right nor well shaped: the search in `search.py` keeps only those that the evaluation confirms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from chainrule.derive.language.expressions import (
    ONE,
    RELATIONS,
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
    Pow,
    Reduce,
    Ref,
    Where,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.occurrences import Occurrence
from chainrule.derive.language.printer import show
from chainrule.derive.prover.repair.line_context import LineContext


@dataclass(frozen=True)
class Edit:
    """An edited line; `reason` is a clause that says what was wrong."""

    value: Expr
    cost: float
    reason: str
    dropped: tuple[str, str] | None = None  # a summed index that only counts where it equals another


def plain_edits(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """All edits in this file at a place."""
    for kind in (signs, numbers, drops, inversions, functions):
        yield from kind(context, place)


def signs(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A minus sign too many or too few."""
    node = place.node
    if place.is_root or isinstance(place.parent, Add | Call | Reduce) or isinstance(node, Neg):
        plain = node.argument if isinstance(node, Neg) else node
        yield Edit(place.put(neg(node)), 1.0, f"the sign of `{show(plain)}` is wrong")


def numbers(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A wrong number, as a factor or an exponent."""
    node = place.node
    if isinstance(node, Num):
        v = node.value
        for new in dict.fromkeys(
            (v + 1, v - 1, -v, v * 2, v / 2, v + Fraction(1, 2), v - Fraction(1, 2), v + 2, v - 2)
        ):
            if new not in (v, 0, 1) or (new == 1 and not isinstance(place.parent, Mul)):
                yield Edit(place.put(num(new)), 1.1, f"`{show(node)}` should be `{show(num(new))}`")
        if not isinstance(place.parent, Pow):
            yield Edit(place.put(mul(node, Const("pi"))), 1.3, f"the factor `pi` is missing at `{show(node)}`")
    if isinstance(node, Pow) and node.exponent == num(2):
        yield Edit(place.put(node.base), 1.1, f"the square of `{show(node.base)}` is too much")
    if isinstance(node, Ref | Call | Reduce | Add) and not isinstance(place.parent, Partial):
        yield Edit(place.put(Pow(node, num(2))), 1.2, f"`{show(node)}` should be squared")


def drops(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A term or factor too much."""
    match place.node:
        case Add(terms):
            for k, term in enumerate(terms):
                yield Edit(place.put(add(*terms[:k], *terms[k + 1 :])), 1.2, f"the term `{show(term)}` is too much")
        case Mul(factors):
            for k, factor in enumerate(factors):
                kind = "delta" if isinstance(factor, Delta) else "factor"
                new = mul(*factors[:k], *factors[k + 1 :])
                yield Edit(place.put(new), 1.2, f"the {kind} `{show(factor)}` is too much")
        case Div(a, b):
            yield Edit(place.put(a), 1.2, f"the division by `{show(b)}` is too much")
            if a != ONE:
                yield Edit(place.put(Div(ONE, b)), 1.2, f"the factor `{show(a)}` is too much")
        case Delta():
            yield Edit(place.put(ONE), 1.25, f"the delta `{show(place.node)}` is too much")
        case Where(_, then, other):
            swapped = Where(place.node.condition, other, then)
            yield Edit(place.put(swapped), 1.25, "the two cases of `where` are swapped")
            yield Edit(place.put(then), 1.3, "the `where` is too much")
            yield Edit(place.put(other), 1.3, "the `where` is too much")


def inversions(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A factor where a divisor should be, or the other way round."""
    match place.node:
        case Mul(factors):
            for k, factor in enumerate(factors):
                new = mul(*factors[: k - 1], Div(factors[k - 1], factor), *factors[k + 1 :]) if k else None
                new = new or Div(mul(*factors[1:]), factor)
                yield Edit(place.put(new), 1.2, f"`{show(factor)}` should divide, not multiply")
            for k in range(1, len(factors) - 1):
                tail = mul(*factors[k:])
                yield Edit(place.put(Div(mul(*factors[:k]), tail)), 1.3, f"`{show(tail)}` should divide, not multiply")
        case Div(a, b):
            yield Edit(place.put(mul(a, b)), 1.2, f"`{show(b)}` should multiply, not divide")
            below = b.factors if isinstance(b, Mul) else ()
            for k, factor in enumerate(below):
                rest = mul(*below[:k], *below[k + 1 :])
                yield Edit(place.put(Div(mul(a, factor), rest)), 1.2, f"`{show(factor)}` should multiply, not divide")


def functions(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A wrong function, a root too many or too few, a wrong relation."""
    match place.node:
        case Call(function, (argument,)):
            yield Edit(place.put(argument), 1.3, f"the {function} of `{show(argument)}` is too much")
            if function == "sqrt":
                cubed = Pow(argument, num(Fraction(3, 2)))
                yield Edit(place.put(cubed), 1.3, f"`{show(place.node)}` should be `{show(cubed)}`")
            unknown = [] if function in FUNCTIONS else [f"{function}'", function.removesuffix("'")]
            for other in (*unknown, *FUNCTIONS):
                if other != function:
                    new = Call(other, (argument,))
                    yield Edit(place.put(new), 1.4, f"`{show(place.node)}` should be `{show(new)}`")
        case Compare(relation, left, right):
            for other in RELATIONS:
                if other != relation:
                    turned = Compare(other, left, right)
                    yield Edit(place.put(turned), 1.2, f"`{show(place.node)}` should be `{show(turned)}`")
    if isinstance(place.parent, Div) and not isinstance(place.node, Num | Call):
        yield Edit(place.put(Call("sqrt", (place.node,))), 1.2, f"the root of `{show(place.node)}` is missing")


def times(scale: Expr, expr: Expr) -> Expr:
    """An expression times a constant factor, in its plainest form."""
    match expr:
        case Neg(argument):
            return neg(times(scale, argument))
        case Div(above, below):
            return Div(scale if above == ONE else mul(scale, above), below)
    return mul(scale, expr)


def divided(expr: Expr, divisor: Expr) -> Expr:
    """An expression over a constant divisor, in its plainest form."""
    match expr:
        case Neg(argument):
            return neg(divided(argument, divisor))
        case Div(above, below):
            return Div(above, mul(below, divisor))
    return Div(expr, divisor)
