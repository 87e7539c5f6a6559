"""Sums over Kronecker deltas, and over indices that their terms lack."""

from dataclasses import replace

from chainrule.derive.engine.algebra import Algebra
from chainrule.derive.engine.terms import Term
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
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
    Position,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    add,
    index_value,
    num,
)
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


def join_places(terms: list[Term], algebra: Algebra) -> list[Term]:
    """δ[k,y] p[k] / p[y] = δ[k,y]: where a delta holds both places are one, and what stands at them may cancel."""
    return algebra.collect(_joined(term, algebra) for term in terms)


def _joined(term: Term, algebra: Algebra) -> Term:
    for delta in [atom for atom in term.factors if isinstance(atom, Delta)]:
        for index, value in ((delta.left, delta.right), (delta.right, delta.left)):
            if index.letter and index.letter not in value.letters:
                joined = _substitute(term.times(delta, -1), delta, index.letter, value, True, algebra).times(delta)
                if len(joined.factors) < len(term.factors):
                    return joined
    return term


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
            if solved and not (solved[2] == STAYS and delta in kept):
                letter, value, rank = solved
                kept |= {delta} if rank == STAYS else set()
                home = algebra.letters.of[letter]
                term, changed = _substitute(term, delta, letter, value, rank == STAYS, algebra), True
                term = term.times(_inside(value, home)) if rank == BY_CASES else term
                break
    return term


def _solve(term: Term, delta: Delta, algebra: Algebra) -> tuple[str, Affine, int] | None:
    """The bound index that a delta fixes, its value, and how that is kept in its range."""
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
    return letter, value, rank


PLAIN, BY_COTANGENT, BY_ARRAY, BY_CASES, STAYS = range(5)


def _safety(term: Term, delta: Delta, letter: str, value: Affine, algebra: Algebra) -> int | None:
    """How the range of an index is kept when `value` replaces it.

    PLAIN: the value is an index of the same dimension, or lies in it. BY_COTANGENT, BY_ARRAY: an array that is
    indexed by the letter is read as zero outside. BY_CASES: the value is another step, and what stands there may have
    no value outside, as 1 / a[t+1] has none. STAYS: the delta has to stay. None: nothing would change.
    """
    home = algebra.letters.of[letter]
    if value.letter and algebra.letters.of[value.letter] == home:
        return PLAIN
    if value.lookup and value.lookup.is_plain and algebra.letters.home_of_places(value.lookup.name) == home:
        return PLAIN
    others = {atom: e for atom, e in term.holding(letter).items() if atom != delta}
    guards = [a for a, e in others.items() if isinstance(a, Ref) and e > 0 and Affine.of(letter) in a.indices]
    arriving = any(guard.name in algebra.cotangents for guard in guards)
    if guards and all(isinstance(atom, (Ref, Delta)) and e > 0 for atom, e in others.items()):
        return BY_COTANGENT if arriving else BY_ARRAY
    if arriving and _is_step(letter, value, algebra):
        return BY_COTANGENT if all(e > 0 and has_value_at_zero(a) for a, e in others.items()) else BY_CASES
    return STAYS if others and not any(_as_number(atom, letter) for atom in others) else None


def _is_step(letter: str, value: Affine, algebra: Algebra) -> bool:
    """Whether a value is another place along the same dimension: a whole number away from an index, or one itself."""
    constant = Affine.constant(dict(value.terms).get((), 0))
    index = (value - constant).letter
    return value == constant or bool(index and algebra.letters.of[index] == algebra.letters.of[letter])


def has_value_at_zero(expr: Expr) -> bool:
    """Whether an expression is defined where arrays in it are read as zero, as they are outside of their range."""
    match expr:
        case Pow(base, Num(exponent)):
            return exponent > 0 and exponent.denominator == 1 and has_value_at_zero(base)
        case Call(function, (argument,)):
            return function in DEFINED_AT_ZERO and has_value_at_zero(argument)
        case Reduce() | Add() | Mul() | Neg() | Where() | Compare():
            return all(map(has_value_at_zero, expr.children))
        case Div(numerator, denominator):
            return has_value_at_zero(numerator) and not denominator.names
    return isinstance(expr, Ref | Num | Const | Size | Position | Delta)


DEFINED_AT_ZERO = frozenset({"exp", "tanh", "sigmoid", "sin", "cos", "erf", "abs", "sinh", "cosh", "softplus", "sign"})


def settle_places(terms: list[Term], algebra: Algebra) -> list[Term]:
    """The terms without cases that ask whether a place is before the first, as `t + 1 == 0` does."""
    settled = []
    for term in terms:
        new = Term(term.coefficient, term.bound)
        for atom, exponent in term.factors.items():
            plain = _settle(atom)
            new = new.times(atom if plain is atom else algebra.canonical(plain), exponent) if plain != ONE else new
        settled.append(new if ZERO not in new.factors else new.scaled(0))
    return algebra.collect(settled)


def _settle(expr: Expr) -> Expr:
    new = expr.map(_settle)
    return new.other if isinstance(new, Where) and _never(new.condition) else new


def _never(condition: Expr) -> bool:
    """Whether a sum of positions is said to be equal to less than it can be."""
    match condition:
        case Compare("==", Add(terms), Num(value)):
            least = sum((term.value for term in terms if isinstance(term, Num)), -value)
            return least > 0 and all(isinstance(term, Position | Num) for term in terms)
    return False


def _inside(value: Affine, home: str) -> Expr:
    """1 where a place is in its range, else 0."""
    constant = dict(value.terms).get((), 0)
    index = index_value(value - Affine.constant(constant))
    place = num(constant) if index == ZERO else add(index, num(constant))
    return Where(Compare(">=", place, ZERO) if constant < 0 else Compare("<", place, Size(home)), ONE, ZERO)


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
