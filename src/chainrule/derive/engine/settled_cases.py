"""Cases that other cases settle: where(c, 1, 0) * where(c, a, b) is where(c, 1, 0) * a."""

from chainrule.derive.engine.algebra import Algebra
from chainrule.derive.engine.terms import Term
from chainrule.derive.language.expressions import ONE, ZERO, Expr, Where


def settle_cases(terms: list[Term], algebra: Algebra) -> list[Term]:
    """The terms with every case replaced by its branch where a factor of the term says which is taken."""
    settled = []
    for term in terms:
        for case in [atom for atom in term.factors if isinstance(atom, Where) and {atom.then, atom.other} == {ONE, ZERO}]:
            term = _settle(term, case, algebra)
        settled.append(term)
    return algebra.collect(settled)


def _settle(term: Term, case: Where, algebra: Algebra) -> Term:
    result = Term(term.coefficient, term.bound)
    for atom, exponent in term.factors.items():
        new = atom if atom == case else _replaced(atom, case)
        result = result.times(atom if new == atom else algebra.canonical(new), exponent)
    return result


def _replaced(expr: Expr, case: Where) -> Expr:
    if isinstance(expr, Where) and expr.condition == case.condition:
        return _replaced(expr.then if case.then == ONE else expr.other, case)
    return expr.map(lambda child: _replaced(child, case))
