"""Sums whose value is known: what the program assumes, and what follows from its definitions.

`assume sum[k](T[s,k]) = 1` gives such a sum; `sum[i](X[s,i] - mu[s]) = 0` and, for a softmax, `sum[k](Y[s,k]) = 1`
follow.
"""

from dataclasses import replace

from chainrule.derive.affine import Affine
from chainrule.derive.naming import Pattern, define, match, name_in_term
from chainrule.derive.nodes import Add, Delta, Reduce, Ref, Size
from chainrule.derive.program import Program
from chainrule.derive.terms import Algebra, Term, product_to_expr


class KnownSums:
    """The sums that a program gives values to."""

    def __init__(self, program: Program, algebra: Algebra, patterns: list[Pattern]) -> None:
        self.program, self.algebra, self.patterns = program, algebra, patterns
        self.assumed: list[tuple[Pattern, list[Term]]] = []
        for assumption in program.assumptions:
            claim = assumption.claim
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
        for letter in sorted(term.bound):
            inside = term.holding(letter)
            if any(self.algebra.is_linear(atom) for atom in inside):
                continue
            outside = Term(
                term.coefficient,
                term.bound - {letter},
                {atom: e for atom, e in term.factors.items() if atom not in inside},
            )
            closed = self._value(letter, Term(bound=frozenset({letter}), factors=inside), outside)
            if closed is not None:
                return closed
        return None

    def _value(self, letter: str, inner: Term, outside: Term) -> list[Term] | None:
        """The terms of outside * sum[letter](inner), without that sum; None where they are not known."""
        direct = self._whole(letter, inner, outside)
        if direct is not None:
            return direct
        pieces = []
        for part in self._opened(letter, inner):
            closed = self._whole(letter, part, outside)
            if closed is None:
                return None
            pieces += closed
        pieces = self.algebra.collect(pieces)
        return pieces if len(pieces) <= 1 else None

    def _whole(self, letter: str, inner: Term, outside: Term) -> list[Term] | None:
        """The same for a sum that is known as it stands."""
        held = inner.holding(letter)
        rest = Term(
            inner.coefficient, inner.bound - {letter}, {a: e for a, e in inner.factors.items() if a not in held}
        )
        outside = outside * rest
        if not held:
            return [outside.times(Size(self.algebra.letters.of[letter]))]
        if any(isinstance(atom, Delta) for atom in held):
            return None
        atom = self.algebra.canonical(Reduce("sum", (letter,), product_to_expr(held, inner.coefficient**0)))
        for pattern, values in self.assumed:
            (wanted,) = pattern.telling
            environment = match(wanted, atom, pattern.variables)
            if environment is not None:
                unit = replace(outside, coefficient=outside.coefficient / pattern.product.coefficient)
                return [unit * self._renamed(value, environment) for value in values]
        whole = name_in_term(outside.times(atom), self.patterns)
        return None if atom in whole.factors else [whole]

    def _renamed(self, term: Term, environment: dict[str, Affine]) -> Term:
        return replace(term, factors={atom.rename(environment): e for atom, e in term.factors.items()})

    def _opened(self, letter: str, inner: Term) -> list[Term]:
        """The summand with named quantities that depend on the letter written out and sums multiplied out."""
        total = [Term(inner.coefficient, inner.bound)]
        for atom, exponent in inner.factors.items():
            value = define(atom, self.program, self.algebra.letters) if isinstance(atom, Ref) else None
            if letter in atom.free and value is not None and exponent == 1:
                parts = self._spread(letter, self.algebra.expand(value))
            elif letter in atom.free:
                parts = self._spread(letter, [Term().times(atom, exponent)])
            else:
                parts = [Term().times(atom, exponent)]
            total = self.algebra.product([total, parts])
        return total

    def _spread(self, letter: str, terms: list[Term]) -> list[Term]:
        spread = []
        for term in terms:
            sums = [
                atom for atom, e in term.factors.items() if isinstance(atom, Add) and e == 1 and letter in atom.free
            ]
            if not sums:
                spread.append(term)
                continue
            rest = term.times(sums[0], -1)
            opened = [piece for part in sums[0].children for piece in self.algebra.expand(part)]
            spread += self._spread(letter, self.algebra.product([[rest], opened]))
        return spread
