"""Brings expressions to the normal form of `terms.py` and adds up like terms.

A gradient is linear in the gradient that arrives. So what contains a cotangent or a delta is multiplied out; what does
not (`X[s,i] - mu[s]`, a softmax's denominator) stays whole, as an atom, the way the program wrote it. Atoms that are
equal up to the names of their bound indices are equal expressions.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction

from chainrule.derive.engine.index_letters import Letters
from chainrule.derive.engine.terms import Term, term_to_expr
from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Binder,
    Call,
    Const,
    Delta,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Pow,
    Reduce,
    Size,
    Where,
    add,
    delta,
    letters_in_order,
    num,
    order_letters,
)
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine

MAX_TERMS = 2000


class Algebra:
    """Brings expressions to normal form and back. `cotangents` are the names that count as linear.

    `keeps_deltas`: whether sums with deltas that the program itself has, such as 2 δ[i,j] - 1, stay whole as factors.
    """

    def __init__(self, letters: Letters, cotangents: Iterable[str], keeps_deltas: bool = False) -> None:
        self.letters = letters
        self.cotangents = frozenset(cotangents)
        self.keeps_deltas = keeps_deltas
        self._canonical: dict[Expr, Expr] = {}
        self._keys: dict[tuple, tuple] = {}

    def is_linear(self, expr: Expr) -> bool:
        """Whether an expression holds a cotangent or a delta, and is to be multiplied out."""
        if not self.cotangents.isdisjoint(expr.names):
            return True
        return any(isinstance(node, Delta) for node in expr.walk())

    def expand(self, expr: Expr) -> list[Term]:
        """The terms of an expression, like terms together."""
        return self.collect(self._expand(expr))

    def _expand(self, expr: Expr) -> list[Term]:
        match expr:
            case Num(value):
                return [Term(value)] if value else []
            case Neg(argument):
                return [term.scaled(-1) for term in self._expand(argument)]
            case Add(terms) if self.is_linear(expr):
                return [part for term in terms for part in self._expand(term)]
            case Mul(factors):
                return self.product([[self.unit(f)] if self._is_kept(f) else self._expand(f) for f in factors])
            case Delta(left, right) if self.keeps_deltas and expr.free and not (left - right).names:
                return [Term()] if left == right else []
            case Div(numerator, denominator):
                return self.product([self._expand(numerator), self.power(denominator, Fraction(-1))])
            case Pow(base, Num(exponent)):
                return self.power(base, exponent)
            case Call("sqrt", (argument,)):
                return self.power(argument, Fraction(1, 2))
            case Reduce("sum" | "mean", letters, body):
                return self._expand_sum(expr, letters, body)
            case Where(condition, then, other) if self.is_linear(expr):
                yes, no = Where(condition, ONE, ZERO), Where(condition, ZERO, ONE)
                return self.product([[self.unit(yes)], self._expand(then)]) + self.product(
                    [[self.unit(no)], self._expand(other)]
                )
            case _:
                return [self.unit(expr)]

    def _is_kept(self, factor: Expr) -> bool:
        """Whether a factor is a sum that stays whole although it has deltas."""
        return self.keeps_deltas and isinstance(factor, Add) and self.cotangents.isdisjoint(factor.names)

    def unit(self, expr: Expr) -> Term:
        """A term that is one atom."""
        return Term().times(self.canonical(expr))

    def product(self, lists: list[list[Term]]) -> list[Term]:
        """All products of one term of each list."""
        total = [Term()]
        for terms in lists:
            if len(total) * len(terms) > MAX_TERMS:
                raise EquationError(f"multiplied out, a line has more than {MAX_TERMS} terms, which is the limit")
            total = [a * b for a in total for b in terms]
        return total

    def open_sums(self, terms: Iterable[Term], opens: Callable[[Expr, Term], bool]) -> list[Term]:
        """The terms with those sums among their factors multiplied out that shall be opened."""
        opened: list[Term] = []
        for term in terms:
            parts = [Term(term.coefficient, term.bound)]
            for atom, exponent in term.factors.items():
                is_open = isinstance(atom, Add) and exponent == 1 and opens(atom, term)
                inside = [piece for part in atom.children for piece in self.expand(part)] if is_open else []
                parts = self.product([parts, inside or [Term().times(atom, exponent)]])
            opened += parts
        return self.collect(opened)

    def power(self, base: Expr, exponent: Fraction) -> list[Term]:
        """The terms of a power. A product is raised factor by factor where that is true for all real numbers."""
        terms = self._expand(base)
        if len(terms) == 1 and not terms[0].bound and self._may_raise(terms[0], exponent):
            (term,) = terms
            raised = Term(_power(term.coefficient, exponent) or Fraction(1))
            if _power(term.coefficient, exponent) is None:
                raised = raised.times(num(term.coefficient), exponent)
            for atom, own in term.factors.items():
                raised = raised.times(atom, own * exponent)
            return [raised]
        if exponent.denominator == 1 and 0 < exponent <= 3 and self.is_linear(base):
            return self.product([self._expand(base) for _ in range(exponent.numerator)])
        return [Term().times(self.canonical(base), exponent)]

    def _may_raise(self, term: Term, exponent: Fraction) -> bool:
        if exponent.denominator == 1:
            return bool(term.coefficient)
        positive = all(isinstance(atom, (Size, Num, Const)) or _is_exp(atom) for atom in term.factors)
        single = len(term.factors) == 1 and term.coefficient == 1 and set(term.factors.values()) == {1}
        return (positive and term.coefficient > 0) or single

    def _expand_sum(self, expr: Reduce, letters: tuple[str, ...], body: Expr) -> list[Term]:
        sizes = Term()
        if expr.operation == "mean":
            for letter in letters:
                sizes = sizes.times(Size(self.letters.of[letter]), -1)
        if not self.is_linear(body):
            return [self.unit(Reduce("sum", letters, body)) * sizes]
        new = [self.letters.fresh(letter) for letter in letters]
        opened = body.rename(dict(zip(letters, map(Affine.of, new), strict=True)))
        terms = self._expand(opened)
        return [replace(term, bound=term.bound | set(new)) * sizes for term in terms]

    def canonical(self, expr: Expr) -> Expr:
        """An atom in the one shape that all equal atoms share: simplified inside, its bound letters numbered."""
        if expr not in self._canonical:
            self._canonical[expr] = self._number_letters(self._simplify_inside(expr))
        return self._canonical[expr]

    def _simplify_inside(self, expr: Expr) -> Expr:
        if isinstance(expr, Size):
            return Size(self.letters.of[expr.index])
        if isinstance(expr, Delta):
            return delta(expr.left, expr.right)
        if isinstance(expr, Add):
            return self._simplify_sum(expr)
        return expr.map(self.simplify)

    def _simplify_sum(self, expr: Add) -> Expr:
        """The sum as it is written, unless some of its terms are alike."""
        terms = self.collect(part for term in expr.terms for part in self._expand(term))
        if len(terms) < len(expr.terms):
            return term_to_expr(terms, self.cotangents)
        return add(*(self.simplify(term) for term in expr.terms))

    def simplify(self, expr: Expr) -> Expr:
        """A part of an atom, with products and powers in order."""
        match expr:
            case Neg() | Mul() | Div() | Pow() | Call("sqrt") | Reduce("mean"):
                return term_to_expr(self._expand(expr), self.cotangents)
            case _:
                return self.canonical(expr)

    def _number_letters(self, expr: Expr) -> Expr:
        if not isinstance(expr, Binder):
            return expr
        levels = self.letters.level
        inside = expr.body.letters - set(expr.indices)
        indices = order_letters(expr.indices, expr.body) if isinstance(expr, Reduce) else expr.indices
        level = max((levels[letter] + 1 for letter in inside if letter in levels), default=0)
        new = [self.letters.canonical(letter, level + k) for k, letter in enumerate(indices)]
        meaning = dict(zip(indices, map(Affine.of, new), strict=True))
        return expr.rebound(tuple(new), expr.body.rename(meaning))

    def collect(self, terms: Iterable[Term]) -> list[Term]:
        """Like terms added up; terms that cancel vanish."""
        terms = list(terms)
        if len(terms) == 1:
            return [term for term in terms if term.coefficient]
        totals: dict[tuple, Term] = {}
        for term in terms:
            key = self.key(term)
            if key in totals:
                totals[key] = replace(totals[key], coefficient=totals[key].coefficient + term.coefficient)
            else:
                totals[key] = term
        return [term for term in totals.values() if term.coefficient]

    def key(self, term: Term) -> tuple:
        """Equal for terms that differ in their coefficient and the names of their bound letters only."""
        factors = frozenset(term.factors.items())
        if not term.bound:
            return (factors, ())
        if (factors, term.bound) not in self._keys:
            self._keys[factors, term.bound] = self._numbered(term)
        return self._keys[factors, term.bound]

    def _numbered(self, term: Term) -> tuple:
        """The factors with the bound letters numbered as they occur, and the dimensions of those that do not."""
        masked = {letter: Affine.of(f"{self.letters.of[letter]}'") for letter in term.bound}
        order = list(term.factors)
        if len(order) > 1:
            order.sort(key=lambda atom: (show(atom.rename(masked)), term.factors[atom]))
        seen: dict[str, Affine] = {}
        for atom in order:
            for letter in letters_in_order(atom):
                if letter in term.bound and letter not in seen:
                    seen[letter] = Affine.of(f"{self.letters.of[letter]}{len(seen)}''")
        rest = sorted(self.letters.of[letter] for letter in term.bound - set(seen))
        return (frozenset((atom.rename(seen), e) for atom, e in term.factors.items()), tuple(rest))


def _is_exp(atom: Expr) -> bool:
    return isinstance(atom, Call) and atom.function == "exp"


def _power(number: Fraction, exponent: Fraction) -> Fraction | None:
    """The power, where it is rational."""
    if number == 1:
        return number
    if exponent.denominator != 1 or abs(exponent.numerator) > 60:
        return None
    return number**exponent.numerator
