"""Writes the terms of a gradient the way a textbook does: common factors outside, sums as far in as they go, means."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from chainrule.derive.engine.algebra import Algebra
from chainrule.derive.engine.terms import BRACKET, Factors, Term, product_to_expr
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Call,
    Compare,
    Const,
    Delta,
    Div,
    Expr,
    Num,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    add,
    neg,
    order_letters,
)
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.language.words.ranges import Range, affine_of, position, reduce_over

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def factor(terms: list[Term], algebra: Algebra) -> Expr:
    """The sum of the terms as an expression."""
    if not terms:
        return ZERO
    if len(terms) == 1:
        return _one(terms[0], algebra)
    common = _common_factor(terms, algebra)
    rest = [_without(term, common) for term in terms]
    inner, common = _guard(_grouped(rest, algebra), common)
    if not common.factors and common.coefficient == 1:
        return inner
    return _times(inner, common, algebra)


def _guard(inner: Expr, common: Term) -> tuple[Expr, Term]:
    """where(c, 1, 0) * (log(x) + 1) becomes where(c, log(x) + 1, 0): a branch that is not taken has no value."""
    cases = [a for a in common.factors if isinstance(a, Where) and {a.then, a.other} == {ZERO, ONE}]
    if not cases or not any(isinstance(node, Call | Pow | Div) for node in inner.walk()):
        return inner, common
    case = cases[0]
    inner = Where(case.condition, inner, ZERO) if case.then == ONE else Where(case.condition, ZERO, inner)
    return inner, replace(common, factors={a: e for a, e in common.factors.items() if a != case})


def _times(inner: Expr, common: Term, algebra: Algebra) -> Expr:
    """A bracket times its common factor: negative powers below, a cotangent first."""
    cotangents = algebra.cotangents if not algebra.is_linear(inner) else frozenset()
    factors: Factors = {**common.factors, BRACKET: Fraction(1)}
    product = product_to_expr(factors, abs(common.coefficient), cotangents)
    whole = _put(product, BRACKET, inner)
    return neg(whole) if common.coefficient < 0 else whole


def _put(expr: Expr, marker: Expr, value: Expr) -> Expr:
    return value if expr == marker else expr.map(lambda child: _put(child, marker, value))


def _common_factor(terms: list[Term], algebra: Algebra) -> Term:
    """The largest product that divides every term and that no sum of a term binds."""
    first, *others = terms
    shared: Factors = {}
    for atom, exponent in first.factors.items():
        powers = [exponent, *(other.factors.get(atom, Fraction(0)) for other in others)]
        if any(atom.free & term.bound for term in terms) or _is_needed_for_mean(atom, terms, algebra):
            continue
        if all(power > 0 for power in powers):
            shared[atom] = min(powers)
        elif all(power < 0 for power in powers):
            shared[atom] = max(powers)
    coefficients = {abs(term.coefficient) for term in terms}
    coefficient = coefficients.pop() if len(coefficients) == 1 else Fraction(1)
    if all(term.coefficient < 0 for term in terms):
        coefficient = -coefficient
    return Term(coefficient, frozenset(), shared)


def _is_needed_for_mean(atom: Expr, terms: list[Term], algebra: Algebra) -> bool:
    if not isinstance(atom, Size):
        return False
    return any(algebra.letters.of[letter] == atom.index for term in terms for letter in term.bound)


def _without(term: Term, common: Term) -> Term:
    rest = replace(term, coefficient=term.coefficient / common.coefficient)
    for atom, exponent in common.factors.items():
        rest = rest.times(atom, -exponent)
    return rest


def _grouped(terms: list[Term], algebra: Algebra) -> Expr:
    """Terms without a factor common to all: by cases where they have cases, then in groups that share a factor."""
    for term in terms:
        for atom in term.factors:
            if isinstance(atom, Where) and {atom.then, atom.other} == {ZERO, ONE} and not atom.free & term.bound:
                return _by_cases(terms, atom, algebra)
    terms = _merged(terms, algebra)
    best = max(_shared_atoms(terms), key=lambda found: len(found[1]), default=None)
    if best is None or len(best[1]) < 2:
        return add(*(_one(term, algebra) for term in _positive_first(terms)))
    group = [terms[k] for k in best[1]]
    rest = [term for k, term in enumerate(terms) if k not in best[1]]
    first = factor(group, algebra)
    return add(first, _grouped(rest, algebra)) if rest else first


def _merged(terms: list[Term], algebra: Algebra) -> list[Term]:
    """Σ_s a b - Σ_s a c as Σ_s a (b - c), for factors b and c that depend on the same indices."""
    done: list[Term] = []
    for term in terms:
        for k, other in enumerate(done):
            if merged := _merge(other, term, algebra):
                done[k] = merged
                break
        else:
            done.append(term)
    return done


def _merge(one: Term, other: Term, algebra: Algebra) -> Term | None:
    """Two sums over the same dimensions as one, where all but one factor of each is the same."""
    (one_letter,), (other_letter,) = ([*term.bound] if len(term.bound) == 1 else [""] for term in (one, other))
    of = algebra.letters.of
    if not one_letter or not other_letter or of[one_letter] != of[other_letter]:
        return None
    turned = {atom.rename({other_letter: Affine.of(one_letter)}): e for atom, e in other.factors.items()}
    shared = {atom: e for atom, e in one.factors.items() if turned.get(atom) == e}
    apart = [[(a, e) for a, e in factors.items() if a not in shared] for factors in (one.factors, turned)]
    if not any(one_letter in atom.free for atom in shared) or any(len(part) != 1 for part in apart):
        return None
    ((a, power), (b, exponent)) = (part[0] for part in apart)
    if power != 1 or exponent != 1 or a.free != b.free or one_letter not in a.free or _is_case(a) or _is_case(b):
        return None
    rest = [Term(one.coefficient, factors={a: Fraction(1)}), Term(other.coefficient, factors={b: Fraction(1)})]
    return Term(Fraction(1), one.bound, {**shared, factor(rest, algebra): Fraction(1)})


def _is_case(atom: Expr) -> bool:
    return isinstance(atom, Where | Delta)


def _positive_first(terms: list[Term]) -> list[Term]:
    return sorted(terms, key=lambda term: term.coefficient < 0)


def _shared_atoms(terms: list[Term]) -> list[tuple[Expr, list[int]]]:
    """Factors that some terms share, and which terms those are; numbers and sizes do not count."""
    places: dict[tuple[Expr, bool], list[int]] = {}
    for k, term in enumerate(terms):
        for atom, exponent in term.factors.items():
            if not isinstance(atom, (Num, Const, Size)) and not atom.free & term.bound:
                places.setdefault((atom, exponent > 0), []).append(k)
    return [(atom, where) for (atom, _), where in places.items() if len(where) < len(terms)]


def _by_cases(terms: list[Term], indicator: Where, algebra: Algebra) -> Expr:
    yes, no = Where(indicator.condition, ONE, ZERO), Where(indicator.condition, ZERO, ONE)
    then = [term.times(yes, -1) for term in terms if yes in term.factors]
    other = [term.times(no, -1) for term in terms if no in term.factors]
    rest = [term for term in terms if yes not in term.factors and no not in term.factors]
    cases = Where(indicator.condition, factor(then, algebra), factor(other, algebra))
    return add(cases, factor(rest, algebra)) if rest else cases


def _one(term: Term, algebra: Algebra) -> Expr:
    """One term, its sums as far in as they go."""
    factors = _fold_cases(_conditions_first(dict(term.factors)), term.bound)
    bound = set(term.bound)
    while bound:
        letters = _innermost(bound, factors)
        inside = {atom: e for atom, e in factors.items() if set(letters) & atom.free}
        if not inside:  # a sum of equal terms
            for letter in letters:
                size = Size(algebra.letters.of[letter])
                factors[size] = factors.pop(size, Fraction(0)) + 1
            factors = {atom: e for atom, e in factors.items() if e}
            bound -= set(letters)
            continue
        place = list(factors).index(next(iter(inside)))
        outside = {atom: e for atom, e in factors.items() if atom not in inside}
        operation = "mean" if _take_sizes(outside, letters, algebra) else "sum"
        conditions = [atom for atom in inside if operation == "sum" and _bounds(atom, letters)]
        summed = {atom: e for atom, e in inside.items() if atom not in conditions}
        body = product_to_expr(summed, Fraction(1), algebra.cotangents)
        items = list(outside.items())
        order = order_letters(letters, body)
        total = reduce_over("sum", Range(order, tuple(_faced(atom, order) for atom in conditions)), body)
        total = total if operation == "sum" else Reduce(operation, order, body)
        items.insert(min(place, len(items)), (total, Fraction(1)))
        factors = dict(items)
        bound -= set(letters)
    product = product_to_expr(factors, abs(term.coefficient), algebra.cotangents)
    return neg(product) if term.coefficient < 0 else product


def _bounds(atom: Expr, letters: Iterable[str]) -> bool:
    """Whether a case says how far a sum over these letters runs, as where(j <= i, 1, 0) does."""
    match atom:
        case Where(Compare(_, left, right), then, other) if (then, other) == (ONE, ZERO):
            sides = [affine_of(left), affine_of(right)]
            return all(sides) and not atom.free.isdisjoint(letters)
    return False


def _conditions_first(factors: Factors) -> Factors:
    """The same product; where(j <= i, 0, 1) is written where(j > i, 1, 0)."""
    turned: Factors = {}
    for atom, exponent in factors.items():
        match atom:
            case Where(Compare(relation, left, right), then, other) if (then, other) == (ZERO, ONE):
                atom = Where(Compare(OPPOSITE[relation], left, right), ONE, ZERO) if not atom.names else atom
        turned[atom] = exponent
    return turned


def _faced(atom: Expr, letters: tuple[str, ...]) -> Compare:
    """The condition of a case with the letter of the sum on the left: i <= j as j >= i."""
    condition = atom.condition  # type: ignore[attr-defined]
    left, right = affine_of(condition.left), affine_of(condition.right)
    assert left
    assert right
    alone = right.letter in letters and left.letter not in letters
    one, other = (right, left) if alone else (left, right)
    return Compare(FLIPPED[condition.relation] if alone else condition.relation, position(one), position(other))


def _fold_cases(factors: Factors, bound: Iterable[str]) -> Factors:
    """where(c, 1, 0) * exp(x) becomes where(c, exp(x), 0): a branch that is not taken must not overflow."""
    cases = [a for a in factors if isinstance(a, Where) and {a.then, a.other} == {ZERO, ONE} and not _bounds(a, bound)]
    risky = {a: e for a, e in factors.items() if e < 0 or not isinstance(a, (Ref, Where, Delta, Num, Const, Size))}
    risky = {a: e for a, e in risky.items() if not isinstance(a, Size)}
    if not cases or not risky:
        return factors
    inside = product_to_expr(risky, Fraction(1))
    case = cases[0]
    folded = Where(case.condition, inside, ZERO) if case.then == ONE else Where(case.condition, ZERO, inside)
    kept = {a: e for a, e in factors.items() if a not in risky and a != case}
    return {**kept, folded: Fraction(1)}


def _innermost(bound: set[str], factors: Factors) -> tuple[str, ...]:
    """The bound letters with the fewest factors; letters with the same factors go together."""
    holders = {letter: frozenset(atom for atom in factors if letter in atom.free) for letter in sorted(bound)}
    order = {atom: k for k, atom in enumerate(factors)}
    first = min(holders, key=lambda letter: (len(holders[letter]), sorted(order[a] for a in holders[letter])))
    return tuple(letter for letter in holders if holders[letter] == holders[first])


def _take_sizes(factors: Factors, letters: tuple[str, ...], algebra: Algebra) -> bool:
    """Take 1/size of every letter out of the factors, if all are there: then the sum is a mean."""
    rest = dict(factors)
    for letter in letters:
        size = Size(algebra.letters.of[letter])
        if rest.get(size, Fraction(0)) > -1:
            return False
        rest[size] += 1
    factors.clear()
    factors.update({atom: e for atom, e in rest.items() if e})
    return True


def cost(expr: Expr) -> int:
    """How long an expression is: its nodes, roots and powers counted once."""
    return sum(not isinstance(node, (Num, Pow, Call)) for node in expr.walk())
