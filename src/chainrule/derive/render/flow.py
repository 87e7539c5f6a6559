"""Formulas in MathML that break where a page ends: at the signs of sums, between factors, within brackets.

Browsers break no line within a `math` element. A wide formula is therefore written as several of them, one after the
other, between which a line may end wherever the page is no wider.
"""

from collections.abc import Sequence

from chainrule.derive.language.expressions import (
    Add,
    Call,
    Compare,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Partial,
    Pow,
    Reduce,
    Where,
)
from chainrule.derive.language.functions import FUNCTIONS
from chainrule.derive.language.printer import ADDED, CLOSED, MULTIPLIED, NEGATED, RAISED, binding
from chainrule.derive.render.latex import latex, places_in_product, runs_on
from chainrule.derive.render.line_breaks import width
from chainrule.derive.render.mathml import bracket, mathml, name_function, reduction_sign, relation

ROOM = 125.0  # points, at ten to the letter, that fit into the width of a phone
Pieces = list[str]


def equation(left: Expr, right: Expr) -> str:
    """An equation."""
    return join([f"{mathml(left)}<mo>=</mo>", *pieces(right)])


def line(right: Expr) -> str:
    """The right side of an equation; its left side stands above."""
    return join(_begin("<mo>=</mo>", pieces(right)))


def join(parts: Sequence[str]) -> str:
    """Pieces as `math` elements, between which a line may end."""
    return " ".join(f'<math displaystyle="true"><mrow>{part}</mrow></math>' for part in parts)


def pieces(expr: Expr, place: int = 0) -> Pieces:
    """An expression in pieces, one where it is short, in brackets where its place asks for a tighter binding."""
    if width(latex(expr)) <= ROOM:
        return [mathml(expr, place)]
    parts = _break(expr)
    loose = binding(expr) < place and not (isinstance(expr, Div) and place <= MULTIPLIED)
    return _bracketed(parts) if loose or (place == CLOSED and runs_on(expr)) else parts


def _break(expr: Expr) -> Pieces:  # long because there is one case for each kind of node that can be broken
    match expr:
        case Add(terms):
            first, *rest = terms
            return [*pieces(first, NEGATED), *(piece for term in rest for piece in _term(term))]
        case Neg(argument):
            return _begin("<mo>−</mo>", pieces(argument, MULTIPLIED))
        case Mul(factors):
            begun, *others = [pieces(factor, place) for factor, place in places_in_product(factors)]
            return [*begun, *(piece for parts in others for piece in _begin('<mo form="infix">·</mo>', parts))]
        case Div(numerator, denominator):
            below = _begin('<mo form="infix">/</mo>', pieces(denominator, RAISED))
            return [*pieces(numerator, MULTIPLIED), *below]
        case Pow(base, exponent):
            *before, last = pieces(base, CLOSED)
            return [*before, f"<msup><mrow>{last}</mrow>{mathml(exponent)}</msup>"]
        case Reduce(operation):
            sign, body = reduction_sign(expr)
            inside = pieces(body, MULTIPLIED) if operation == "sum" else _bracketed(pieces(body))
            return _begin(sign, inside)
        case Call(function, arguments) if "…" not in (getattr(FUNCTIONS.get(function), "mathml", "") or ""):
            begun, *others = [pieces(argument) for argument in arguments]
            inside = [*begun, *(piece for parts in others for piece in _begin("<mo>,</mo>", parts))]
            return _begin(name_function(function), _bracketed(inside))
        case Compare(sign, left, right):
            return [*pieces(left, ADDED), *_begin(relation(sign), pieces(right, ADDED))]
        case Where(condition, then, other):
            when = _begin("<mtext>if\u00a0</mtext>", pieces(condition))
            return [
                *_begin("<mo>{</mo>", pieces(then)),
                *when,
                *_begin("<mo>;</mo>", pieces(other)),
                "<mtext>else</mtext>",
            ]
        case Partial(of, by):
            slope = f"<mfrac><mo>∂</mo><mrow><mo>∂</mo>{mathml(by)}</mrow></mfrac>"
            return _begin(slope, _bracketed(pieces(of)))
    return [mathml(expr)]


def _term(term: Expr) -> Pieces:
    match term:
        case Neg(argument):
            return _begin('<mo form="infix">−</mo>', pieces(argument, MULTIPLIED))
        case Num(value) if value < 0:
            return [f'<mo form="infix">−</mo>{mathml(Num(-value))}']
    return _begin('<mo form="infix">+</mo>', pieces(term, NEGATED))


def _bracketed(parts: Sequence[str]) -> Pieces:
    within = parts[0] if len(parts) == 1 else ""  # brackets in two elements cannot grow by what stands in both
    opened, closed = bracket("(", within), bracket(")", within)
    inside = _begin(opened, parts)
    return [*inside[:-1], inside[-1] + closed]


def _begin(start: str, parts: Sequence[str]) -> Pieces:
    return [start + parts[0], *parts[1:]]
