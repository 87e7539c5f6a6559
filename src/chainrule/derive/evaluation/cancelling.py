"""What cancels in an expression: a / a is 1, a - a is 0, 0 a is 0.

A maximum of G[v] / G[v] * U[n] is attained for every v at once; that of U[n] alone, which is the same, is not.
"""

from chainrule.derive.language.expressions import ONE, ZERO, Add, Div, Expr, Mul, Neg, Reduce, add, mul, neg


def cancelled(expr: Expr) -> Expr:
    """The expression without what cancels, wherever it has a value."""
    expr = expr.map(cancelled)
    match expr:
        case Div(a, b) if a == b:
            return ONE
        case Div(a, _) if a == ZERO:
            return ZERO
        case Neg(a) if a == ZERO:
            return ZERO
        case Mul(factors):
            return ZERO if ZERO in factors else mul(*(factor for factor in factors if factor != ONE))
        case Add(terms):
            return _without_opposites(list(terms))
    return expr


def _without_opposites(terms: list[Expr]) -> Expr:
    kept: list[Expr] = []
    for term in terms:
        if neg(term) in kept:
            kept.remove(neg(term))
        elif term != ZERO:
            kept.append(term)
    return add(*kept)


def cancelled_extremum(expr: Reduce) -> Reduce:
    """A maximum or minimum without what cancels in it, over those indices alone that it depends on."""
    body = cancelled(expr.body)
    return Reduce(expr.operation, tuple(letter for letter in expr.indices if letter in body.free), body)
