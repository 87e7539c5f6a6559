"""Index letters as the language asks for them: none bound twice over, and no letter that is a number too."""

from collections.abc import Collection, Iterable

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Binder,
    Compare,
    Delta,
    Div,
    Expr,
    Mul,
    Neg,
    Partial,
    Position,
    Reduce,
    Ref,
    add,
    mul,
    neg,
)
from chainrule.derive.language.lexer import Token, cut_tokens
from chainrule.derive.language.parser import Parser
from chainrule.derive.language.printer import show
from chainrule.derive.language.scope import Scope
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.reading.tokens import UnreadableError


def tidy(expr: Expr, left: Iterable[str]) -> Expr:
    """The expression with a letter of its own for each sum that reuses one of the left side or of a sum around it."""
    scope = frozenset(left)
    expr = with_positions(expr, expr.letters | scope)
    return _tidy(expr, scope, set(expr.letters | scope))


def with_positions(expr: Expr, letters: Collection[str], compared: bool = False) -> Expr:
    """The expression with the letters in comparisons read as indices, where they are indices elsewhere."""
    if compared and isinstance(expr, Ref) and not expr.indices and expr.name in letters:
        return Position(expr.name)
    return expr.map(lambda child: with_positions(child, letters, compared or isinstance(expr, Compare)))


def _tidy(expr: Expr, scope: frozenset[str], taken: set[str]) -> Expr:
    if not isinstance(expr, Binder):
        return expr.map(lambda child: _tidy(child, scope, taken))
    fresh: dict[str, str] = {}
    for letter in expr.indices:
        if letter in scope:
            fresh[letter] = fresh_letter(taken, "klmnpqrtuvij")
            taken.add(fresh[letter])
    body = expr.body.rename({old: Affine.of(new) for old, new in fresh.items()})
    letters = tuple(fresh.get(letter, letter) for letter in expr.indices)
    return expr.rebound(letters, _tidy(body, scope | set(letters), taken))


def keep_target(expr: Expr, wanted: Ref) -> Expr:
    """The expression with a derivative by the left side's own element kept as that, whatever sums stand around it.

    wanted: the element, such as `X[i,j]`. Letters of the left side inside are primed until `release_target`.
    """
    if isinstance(expr, Partial) and expr.by == wanted:
        kept = {letter: Affine.of(letter + _KEPT) for letter in wanted.free}
        return Partial(
            keep_target(expr.of, wanted), Ref(wanted.name, tuple(i.substitute(kept) for i in wanted.indices))
        )
    return expr.map(lambda child: keep_target(child, wanted))


def release_target(expr: Expr, wanted: Ref) -> Expr:
    """The expression with the letters that `keep_target` set apart as they were written."""
    return expr.rename({letter + _KEPT: Affine.of(letter) for letter in wanted.free})


_KEPT = "''''"


def check_letters(expr: Expr, left: Iterable[str]) -> None:
    """Raise UnreadableError where a letter is an index, of the row or of its left side, and a number at once.

    Of the distance of two places, as in |i - j|, it is no matter with which number they begin.
    """
    letters = expr.letters | set(left)
    for node in _without_distances(with_positions(expr, letters), letters).walk():
        if isinstance(node, Ref) and not node.indices and node.name in letters:
            raise UnreadableError(f"`{node.name}` is an index and a number in one row; use another letter for one")


def _without_distances(expr: Expr, letters: Iterable[str]) -> Expr:
    match expr:
        case Add((Ref(one, ()), Neg(Ref(other, ())))) if {one, other} <= set(letters):
            return ZERO
    return expr.map(lambda child: _without_distances(child, letters))


def read_expression(text: str) -> Expr:
    """Read an expression of the language whose names and indices are known to be right."""
    tokens, lines = cut_tokens(text)
    scope = Scope(lines, 1, {})
    scope.start_line((), open_letters=True)
    return Parser(tokens, _Lenient.of(scope), partials=True).comparison()


class _Lenient(Scope):
    """Takes every letter for an index that has a meaning."""

    @staticmethod
    def of(scope: Scope) -> "_Lenient":
        """A scope of the same line."""
        return _Lenient(scope.lines, scope.first_line, scope.ranks)

    def use_index(self, token: Token) -> None:
        self.seen.add(token.text)


def contracted(text: str, defined: Collection[str]) -> str | None:
    """A line with its sums over deltas worked out, and derivatives of other inputs dropped.

    defined: the names that are no inputs. None where it has no delta under a sum.
    """
    expr = read_expression(text)
    found = add(*_contract(expr, defined))
    return show(found) if found != expr and any(isinstance(node, Delta) for node in expr.walk()) else None


def _contract(expr: Expr, defined: Collection[str]) -> list[Expr]:
    """The terms of an expression without sums over deltas."""
    match expr:
        case Add(terms):
            return [each for term in terms for each in _contract(term, defined)]
        case Neg(argument):
            return [neg(term) for term in _contract(argument, defined)]
        case Partial(Ref(name), by) if name != by.name and name not in defined:
            return []
        case Mul(factors):
            products: list[Expr] = [ONE]
            for factor in factors:
                products = [
                    mul(*_known(product), *_known(term)) for product in products for term in _contract(factor, defined)
                ]
            return products
        case Div(numerator, denominator):
            return [Div(term, denominator) for term in _contract(numerator, defined)]
        case Reduce("sum", letters, body):
            return [_contract_sum(letters, term) for term in _contract(body, defined)]
    return [expr]


def _known(factor: Expr) -> list[Expr]:
    return [] if factor == ONE else [factor]


def _contract_sum(letters: tuple[str, ...], term: Expr) -> Expr:
    rest = list(letters)
    above, below = _factors(term)
    for delta in [factor for factor in above if isinstance(factor, Delta)]:
        left, right = delta.left.letter, delta.right.letter
        bound, other = (left, delta.right) if left in rest else (right, delta.left)
        if bound in rest:
            rest.remove(bound)
            above.remove(delta)
            meaning = {bound: other}
            above, below = ([each.rename(meaning) for each in side] for side in (above, below))
    body = Div(mul(*above), mul(*below)) if below else mul(*above)
    return Reduce("sum", tuple(rest), body) if rest else body


def _factors(term: Expr) -> tuple[list[Expr], list[Expr]]:
    """The factors above and below the fraction line."""
    match term:
        case Mul(factors):
            parts = [_factors(factor) for factor in factors]
            return [f for above, _ in parts for f in above], [f for _, below in parts for f in below]
        case Div(numerator, denominator):
            above, below = _factors(numerator)
            return above, [*below, denominator]
        case Neg(argument):
            above, below = _factors(argument)
            return [neg(ONE), *above], below
    return ([] if term == ONE else [term]), []
