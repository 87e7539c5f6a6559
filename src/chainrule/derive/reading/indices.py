"""Index letters as the language asks for them: none bound twice over, and no letter that is a number too."""

from collections.abc import Iterable

from chainrule.derive.language.dimensions import fresh_letter
from chainrule.derive.language.expressions import Expr, Partial, Reduce, Ref
from chainrule.derive.language.subscripts import Affine, is_index
from chainrule.derive.reading.tokens import UnreadableError


def tidy(expr: Expr, left: Iterable[str]) -> Expr:
    """The expression with a letter of its own for each sum that reuses one of the left side or of a sum around it."""
    scope = frozenset(left)
    return _tidy(expr, scope, set(expr.letters | scope))


def _tidy(expr: Expr, scope: frozenset[str], taken: set[str]) -> Expr:
    if not isinstance(expr, Reduce):
        return expr.map(lambda child: _tidy(child, scope, taken))
    fresh: dict[str, str] = {}
    for letter in expr.indices:
        if letter in scope:
            fresh[letter] = fresh_letter(taken, "klmnpqrtuvij")
            taken.add(fresh[letter])
    body = expr.body.rename({old: Affine.of(new) for old, new in fresh.items()})
    letters = tuple(fresh.get(letter, letter) for letter in expr.indices)
    return Reduce(expr.operation, letters, _tidy(body, scope | set(letters), taken))


def keep_target(expr: Expr, wanted: Ref) -> Expr:
    """The expression with a derivative by the left side's own element kept as that, whatever sums stand around it.

    wanted: the element, such as `X[i,j]`. Letters of the left side inside are primed until `release_target`.
    """
    if isinstance(expr, Partial) and expr.by == wanted:
        kept = {letter: Affine.of(letter + _KEPT) for letter in wanted.free}
        return Partial(keep_target(expr.of, wanted), Ref(wanted.name, tuple(i.substitute(kept) for i in wanted.indices)))
    return expr.map(lambda child: keep_target(child, wanted))


def release_target(expr: Expr, wanted: Ref) -> Expr:
    """The expression with the letters that `keep_target` set apart as they were written."""
    return expr.rename({letter + _KEPT: Affine.of(letter) for letter in wanted.free})


_KEPT = "''''"


def check_letters(expr: Expr) -> None:
    """Raise UnreadableError where a letter is an index and a number at once."""
    for node in expr.walk():
        if isinstance(node, Ref) and not node.indices and is_index(node.name) and node.name in expr.letters:
            raise UnreadableError(f"`{node.name}` is an index and a number in one row; use another letter for one")
