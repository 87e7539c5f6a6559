"""Sums whose value is known: what the program assumes, and what follows from its definitions.

`assume sum[k](T[s,k]) = 1` gives such a sum; `sum[i](X[s,i] - mu[s]) = 0` and, for a softmax, `sum[k](Y[s,k]) = 1`
follow.
"""

from dataclasses import replace
from fractions import Fraction

from chainrule.derive.engine.algebra import Algebra
from chainrule.derive.engine.named_quantities import Pattern, define, match, name_in_term
from chainrule.derive.engine.terms import Term, product_to_expr
from chainrule.derive.language.expressions import Add, Delta, Expr, Reduce, Ref, Size
from chainrule.derive.language.programs.program import Program, place_assumed
from chainrule.derive.language.subscripts import Affine


class KnownSums:
    """The sums that a program gives values to."""

    def __init__(self, program: Program, algebra: Algebra, patterns: list[Pattern]) -> None:
        self.program, self.algebra, self.patterns = program, algebra, patterns
        self.assumed: list[tuple[Pattern, list[Term]]] = []
        for assumption in program.assumptions:
            claim = assumption.claim
            if place_assumed(claim):
                continue  # contraction knows it
            fresh = {letter: Affine.of(algebra.letters.fresh(letter)) for letter in claim.free}
            if claim.relation == "==" and isinstance(claim.left, Reduce):
                left, right = claim.left.rename(fresh), claim.right.rename(fresh)
                variables = frozenset(index.letter or "" for index in fresh.values())
                (product,) = algebra.expand(left)
                self.assumed.append((Pattern(left, product, variables), algebra.expand(right)))

    def close(self, terms: list[Term]) -> list[Term]:
        """The terms with every known sum replaced by its value."""
        done: list[Term] = []
        queue = list(terms)
        while queue:
            term = queue.pop(0)
            closed = self._close_one(term)
            if closed is None:
                done.append(term)
            else:
                queue += closed
        return self.algebra.collect(done)

    def _close_one(self, term: Term) -> list[Term] | None:
        """A term without the first of its sums that is known; None where none is."""
        for letter in sorted(term.bound):
            inside = term.holding(letter)
            if any(self.algebra.is_linear(atom) for atom in inside):
                continue
            letters = frozenset(other for other in term.bound if set(term.holding(other)) <= set(inside))
            others = {atom: e for atom, e in term.factors.items() if atom not in inside}
            outside = Term(term.coefficient, term.bound - letters, others)
            closed = self._value(Term(bound=letters, factors=inside), outside)
            if closed is not None:
                return closed
        return None

    def _value(self, inner: Term, outside: Term) -> list[Term] | None:
        """The terms of outside * inner, whose bound letters are summed over; None where that sum is not known."""
        direct = self._whole(inner, outside)
        if direct is not None:
            return direct
        pieces = []
        for part in self._opened(inner):
            closed = self._whole(part, outside)
            if closed is None:
                return None
            pieces += closed
        pieces = self.algebra.collect(pieces)
        return pieces if len(pieces) <= 1 else None

    def _whole(self, inner: Term, outside: Term) -> list[Term] | None:
        """The same for a sum that is known as it stands."""
        held = {atom: e for atom, e in inner.factors.items() if inner.bound & atom.free}
        letters = [letter for letter in sorted(inner.bound) if inner.holding(letter)]
        free = {atom: e for atom, e in inner.factors.items() if atom not in held}
        outside = outside * Term(inner.coefficient, frozenset(), free)
        for idle in inner.bound - set(letters):
            outside = outside.times(Size(self.algebra.letters.of[idle]))
        if not held:
            return [outside]
        if any(isinstance(atom, Delta) for atom in held):
            return None
        atom = self.algebra.canonical(Reduce("sum", tuple(letters), product_to_expr(held, Fraction(1))))
        return self._by_assumption(atom, outside) or self._by_name(atom, outside)

    def _by_assumption(self, atom: Expr, outside: Term) -> list[Term] | None:
        for pattern, values in self.assumed:
            (wanted,) = pattern.telling
            environment = match(wanted, atom, pattern.variables)
            if environment is not None:
                unit = replace(outside, coefficient=outside.coefficient / pattern.product.coefficient)
                return [unit * self._renamed(value, environment) for value in values]
        return None

    def _by_name(self, atom: Expr, outside: Term) -> list[Term] | None:
        """The sum may have a name, or cancel against a denominator."""
        whole = name_in_term(outside.times(atom), self.patterns)
        return None if atom in whole.factors else [whole]

    def _renamed(self, term: Term, environment: dict[str, Affine]) -> Term:
        return replace(term, factors={atom.rename(environment): e for atom, e in term.factors.items()})

    def _opened(self, inner: Term) -> list[Term]:
        """The summand with named quantities under the sum written out and sums multiplied out."""
        total = [Term(inner.coefficient, inner.bound)]
        for atom, exponent in inner.factors.items():
            parts = [Term().times(atom, exponent)]
            if inner.bound & atom.free:
                value = define(atom, self.program, self.algebra.letters) if isinstance(atom, Ref) else None
                if value is not None and exponent == 1:
                    parts = self.algebra.expand(value)
                parts = self._spread(inner.bound, parts)
            total = self.algebra.product([total, parts])
        return total

    def _spread(self, letters: frozenset[str], terms: list[Term]) -> list[Term]:
        """The terms with sums that depend on the letters multiplied out."""
        spread = []
        for term in terms:
            sums = [a for a, e in term.factors.items() if isinstance(a, Add) and e == 1 and letters & a.free]
            if not sums:
                spread.append(term)
                continue
            rest = term.times(sums[0], -1)
            opened = [piece for part in sums[0].children for piece in self.algebra.expand(part)]
            spread += self._spread(letters, self.algebra.product([[rest], opened]))
        return spread
