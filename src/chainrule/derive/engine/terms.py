"""The normal form of a gradient: a sum of terms, each a number times a sum, over bound indices, of a product of powers.

The factors are atoms: expressions that the algebra does not open (see `algebra.py`). From here they are written back as
expressions too.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Call,
    Const,
    Delta,
    Div,
    Expr,
    Num,
    Pow,
    Reduce,
    Ref,
    Where,
    add,
    mul,
    neg,
    num,
    order_letters,
)

Factors = dict[Expr, Fraction]  # atom: exponent

BRACKET = Ref("(…)")  # stands for a sum whose common factor is being written


@dataclass(frozen=True)
class Term:
    """`coefficient` times the sum over `bound` of the product of `factors`."""

    coefficient: Fraction = Fraction(1)
    bound: frozenset[str] = frozenset()
    factors: Factors = field(default_factory=dict)

    @property
    def free(self) -> frozenset[str]:
        """Index letters that the term depends on."""
        return frozenset().union(*(atom.free for atom in self.factors)) - self.bound

    def __mul__(self, other: "Term") -> "Term":
        """The product; the bound letters of both must be distinct."""
        term = Term(self.coefficient * other.coefficient, self.bound | other.bound, dict(self.factors))
        for atom, exponent in other.factors.items():
            term = term.times(atom, exponent)
        return term

    def times(self, atom: Expr, exponent: Fraction | int = 1) -> "Term":
        """The term with one more factor."""
        factors = dict(self.factors)
        total = factors.pop(atom, Fraction(0)) + exponent
        if isinstance(atom, Delta) or _is_indicator(atom):
            total = min(total, Fraction(1))
        if isinstance(atom, Num) and total.denominator == 1 and atom.value:
            return replace(self, coefficient=self.coefficient * atom.value**total.numerator, factors=factors)
        if total:
            factors[atom] = total
        return replace(self, factors=factors)

    def scaled(self, number: Fraction | int) -> "Term":
        """The term times a number."""
        return replace(self, coefficient=self.coefficient * number)

    def holding(self, letter: str) -> Factors:
        """The factors that depend on an index."""
        return {atom: exponent for atom, exponent in self.factors.items() if letter in atom.free}


def _is_indicator(atom: Expr) -> bool:
    return isinstance(atom, Where) and {atom.then, atom.other} == {ZERO, ONE}


def term_to_expr(terms: list[Term], cotangents: frozenset[str] = frozenset()) -> Expr:
    """The terms as an expression, all factors of a term inside its sum."""
    return add(*(_one_term(term, cotangents) for term in terms)) if terms else ZERO


def _one_term(term: Term, cotangents: frozenset[str]) -> Expr:
    body = product_to_expr(term.factors, abs(term.coefficient), cotangents)
    if term.bound:
        body = Reduce("sum", order_letters(term.bound, body), body)
    return neg(body) if term.coefficient < 0 else body


def product_to_expr(factors: Factors, coefficient: Fraction, cotangents: frozenset[str] = frozenset()) -> Expr:
    """A product of powers as an expression: cotangents first; negative powers below the fraction line."""
    order = sorted(factors.items(), key=lambda item: _place(item[0], cotangents))
    above, below = _roots_apart([(a, e) for a, e in order if e > 0]), _roots_apart([(a, -e) for a, e in order if e < 0])
    decimal = coefficient.denominator > 1000 and 10**9 % coefficient.denominator == 0  # 0.0670725, not 26829 / 400000
    top, bottom = (coefficient, 1) if decimal else (coefficient.numerator, coefficient.denominator)
    if top != 1:
        above.insert(0, num(top))
    if bottom != 1:
        below.insert(0, num(bottom))
    return Div(mul(*above), mul(*below)) if below else mul(*above)


def _place(atom: Expr, cotangents: frozenset[str]) -> int:
    """Cotangents stand first, then elements of arrays, other factors, sums over cotangents, and the bracket last."""
    arrives = not cotangents.isdisjoint(atom.names)
    if isinstance(atom, Ref):
        return 4 if atom == BRACKET else 0 if arrives else 1
    return 3 if arrives else 2


def _roots_apart(powers: list[tuple[Expr, Fraction]]) -> list[Expr]:
    """The factors of a product, all square roots of numbers under one root."""
    half = Fraction(1, 2)
    numbers = [atom for atom, e in powers if e == half and isinstance(atom, (Num, Const))]
    if len(numbers) < 2:
        return [raise_atom(atom, e) for atom, e in powers]
    rest = [raise_atom(atom, e) for atom, e in powers if not (e == half and atom in numbers)]
    numbers.sort(key=lambda atom: isinstance(atom, Const))
    return [*rest, Call("sqrt", (mul(*numbers),))]


def raise_atom(atom: Expr, exponent: Fraction) -> Expr:
    """A power of an atom, roots written as roots."""
    if exponent == 1:
        return atom
    if exponent == Fraction(1, 2):
        return Call("sqrt", (atom,))
    return Pow(atom, num(exponent))
