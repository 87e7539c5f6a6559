"""Sums over Kronecker deltas, and over indices that their terms lack."""

from dataclasses import replace

from chainrule.derive.engine.algebra import Algebra
from chainrule.derive.engine.terms import Term
from chainrule.derive.language.expressions import Add, Delta, Div, Expr, Mul, Neg, Position, Ref, Size
from chainrule.derive.language.subscripts import Affine


def contract_deltas(terms: list[Term], algebra: Algebra) -> list[Term]:
    """Σ_i δ[i,k] a[i] = a[k], for every delta that fixes a bound index; a delta that can never hold is 0."""
    return algebra.collect(done for term in terms if (done := _contract(term, algebra)))


def open_delta_sums(terms: list[Term], algebra: Algebra) -> list[Term]:
    """The terms with sums multiplied out that hold a delta of a bound index, which can be contracted then."""
    return algebra.open_sums(terms, lambda total, term: _has_delta_of(total, term.bound))


def _has_delta_of(expr: Expr, bound: frozenset[str]) -> bool:
    """Whether a delta of a bound index stands in a sum or product, outside of any function."""
    if isinstance(expr, Delta):
        return not bound.isdisjoint(expr.free)
    return isinstance(expr, Add | Mul | Neg | Div) and any(_has_delta_of(child, bound) for child in expr.children)


def count_sums(terms: list[Term], algebra: Algebra) -> list[Term]:
    """Σ_i a = size[i] a, where a does not depend on i."""
    counted = []
    for term in terms:
        idle = term.bound - frozenset().union(*(atom.free for atom in term.factors))
        term = replace(term, bound=term.bound - idle)
        for letter in sorted(idle):
            term = term.times(Size(algebra.letters.of[letter]))
        counted.append(term)
    return algebra.collect(counted)


def _contract(term: Term, algebra: Algebra) -> Term | None:
    kept: set[Delta] = set()  # a delta that stays is solved once: a+i = h for a, and not for i again
    changed = True
    while changed:
        changed = False
        for delta in [atom for atom in term.factors if isinstance(atom, Delta)]:
            difference = delta.left - delta.right
            if not difference.names:
                if difference.terms:
                    return None
                term, changed = term.times(delta, -1), True
                break
            solved = _solve(term, delta, algebra)
            if solved and not (solved[2] and delta in kept):
                letter, value, keep = solved
                kept |= {delta} if keep else set()
                term, changed = _substitute(term, delta, letter, value, keep, algebra), True
                break
    return term


def _solve(term: Term, delta: Delta, algebra: Algebra) -> tuple[str, Affine, bool] | None:
    """The bound index that a delta fixes, its value, and whether the delta must stay to keep it in its range."""
    difference = delta.left - delta.right
    choices = []
    for letter in sorted(term.bound & difference.letters):
        coefficient = difference.coefficient(letter)
        if coefficient in (1, -1):
            rest = difference - Affine((((letter,), coefficient),))
            value = -rest if coefficient == 1 else rest
            rank = _safety(term, delta, letter, value, algebra)
            if rank is not None:
                choices.append((rank, letter, value))
    if not choices:
        return None
    rank, letter, value = min(choices, key=lambda choice: choice[:2])
    return letter, value, rank == STAYS


PLAIN, BY_COTANGENT, BY_ARRAY, STAYS = range(4)


def _safety(term: Term, delta: Delta, letter: str, value: Affine, algebra: Algebra) -> int | None:
    """How the range of an index is kept when `value` replaces it.

    PLAIN: the value is an index of the same dimension, or lies in it. BY_COTANGENT, BY_ARRAY: an array that is indexed
    by the letter is read as zero outside. STAYS: the delta has to stay. None: nothing would change.
    """
    home = algebra.letters.of[letter]
    if value.letter and algebra.letters.of[value.letter] == home:
        return PLAIN
    if value.lookup and value.lookup.is_plain and algebra.letters.home_of_places(value.lookup.name) == home:
        return PLAIN
    others = {atom: e for atom, e in term.holding(letter).items() if atom != delta}
    if all(isinstance(atom, (Ref, Delta)) and e > 0 for atom, e in others.items()):
        guards = [atom for atom in others if isinstance(atom, Ref) and Affine.of(letter) in atom.indices]
        if any(guard.name in algebra.cotangents for guard in guards):
            return BY_COTANGENT
        if guards:
            return BY_ARRAY
    return STAYS if others and not any(_as_number(atom, letter) for atom in others) else None


def _as_number(atom: Expr, letter: str) -> bool:
    return any(isinstance(node, Position) and node.index == letter for node in atom.walk())


def _substitute(term: Term, delta: Delta, letter: str, value: Affine, keep: bool, algebra: Algebra) -> Term:
    result = Term(term.coefficient, term.bound if keep else term.bound - {letter})
    for atom, exponent in term.factors.items():
        if atom == delta:
            result = result.times(delta) if keep else result
        else:
            renamed = atom.rename({letter: value})
            result = result.times(renamed if renamed is atom else algebra.canonical(renamed), exponent)
    return result
