"""Identities that bring factors to the form that a textbook prints: settled cases, slopes of relu and abs, 1 - σ(a)."""

from collections.abc import Callable
from functools import partial

from chainrule.derive.engine.algebra import Algebra
from chainrule.derive.engine.terms import Term
from chainrule.derive.language.expressions import ONE, ZERO, Add, Call, Compare, Expr, Neg, Ref, Where, add, neg


def settle_cases(terms: list[Term], algebra: Algebra) -> list[Term]:
    """where(c, 1, 0) * where(c, a, b) = where(c, 1, 0) * a: a factor of a term says which branch is taken."""
    settled = []
    for term in terms:
        for case in [atom for atom in term.factors if isinstance(atom, Where) and _is_indicator(atom)]:
            term = _change(term, partial(_settle_other, case=case), algebra)
        settled.append(_change(term, _settle_nested, algebra))
    return algebra.collect(settled)


def join_slopes(terms: list[Term], algebra: Algebra) -> list[Term]:
    """where(a > 0, 1, 0) * relu(a) = relu(a), and sign(a) * abs(a) = a."""
    return algebra.collect(_join_slopes(term) for term in terms)


def turn_sigmoids(terms: list[Term], algebra: Algebra) -> list[Term]:
    """1 - σ(a) = σ(-a), unless σ(a) is a factor too."""

    def turn(atom: Expr, term: Term) -> Expr:
        match atom:
            case Add((one, Neg(Call("sigmoid", (a,)) as other))) if one == ONE and other not in term.factors:
                return atom if isinstance(a, Ref) else Call("sigmoid", (_minus(a, algebra),))
        return atom

    return algebra.collect(_change(term, partial(turn, term=term), algebra) for term in terms)


def _is_indicator(atom: Where) -> bool:
    return {atom.then, atom.other} == {ONE, ZERO}


def _change(term: Term, change: Callable[[Expr], Expr], algebra: Algebra) -> Term:
    """A term with a change done to each factor."""
    result = Term(term.coefficient, term.bound)
    for atom, exponent in term.factors.items():
        new = change(atom)
        result = result.times(atom if new == atom else algebra.canonical(new), exponent)
    return result


def _settle_other(atom: Expr, case: Where) -> Expr:
    return atom if atom == case else _settle(atom, case)


def _settle(expr: Expr, case: Where) -> Expr:
    """An expression where it is known which branch of a case is taken."""
    if isinstance(expr, Where) and expr.condition == case.condition:
        return _settle(expr.then if case.then == ONE else expr.other, case)
    return expr.map(lambda child: _settle(child, case))


def _settle_nested(expr: Expr) -> Expr:
    """where(c, where(c, a, b), d) = where(c, a, d)."""
    expr = expr.map(_settle_nested)
    if not isinstance(expr, Where):
        return expr
    yes, no = Where(expr.condition, ONE, ZERO), Where(expr.condition, ZERO, ONE)
    return Where(expr.condition, _settle(expr.then, yes), _settle(expr.other, no))


def _join_slopes(term: Term) -> Term:
    for atom in term.factors:
        match atom:
            case Call("relu", (a,)) if term.factors[atom] > 0:
                return term.times(_slope(a), -1) if _slope(a) in term.factors else term
            case Call("abs", (a,)) if term.factors[atom] > 0 and term.factors.get(Call("sign", (a,))) == 1:
                return term.times(atom, -1).times(Call("sign", (a,)), -1).times(a)
    return term


def _slope(a: Expr) -> Expr:
    return Where(Compare(">", a, ZERO), ONE, ZERO)


def _minus(a: Expr, algebra: Algebra) -> Expr:
    if not isinstance(a, Add):
        return algebra.simplify(neg(a))
    return add(*sorted(map(neg, a.terms), key=lambda term: isinstance(term, Neg)))  # what is added first
