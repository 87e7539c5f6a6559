"""The nodes of an expression at their places, each with a way to put another node there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chainrule.derive.language.expressions import Binder, Expr, Partial, Ref


@dataclass(frozen=True)
class Occurrence:
    """A node of an expression, the letters that mean something there, and `put`: the whole with another node there."""

    node: Expr
    scope: tuple[str, ...]
    put: Callable[[Expr], Expr]
    parent: Expr | None

    @property
    def is_root(self) -> bool:
        """Whether the node is the whole expression."""
        return self.parent is None


def occurrences(expr: Expr, scope: tuple[str, ...] = ()) -> Iterator[Occurrence]:
    """Every node of an expression, outermost first; `scope` are the letters around it."""
    yield from _occurrences(expr, scope, lambda new: new, None)


def _occurrences(
    expr: Expr, scope: tuple[str, ...], put: Callable[[Expr], Expr], parent: Expr | None
) -> Iterator[Occurrence]:
    yield Occurrence(expr, scope, put, parent)
    inner = scope + expr.indices if isinstance(expr, Binder) else scope
    for k, child in enumerate(expr.children):
        yield from _occurrences(child, inner, _inside(put, expr, k), expr)


def _inside(put: Callable[[Expr], Expr], expr: Expr, k: int) -> Callable[[Expr], Expr]:
    return lambda new: put(with_child(expr, k, new))


def with_child(expr: Expr, k: int, new: Expr) -> Expr:
    """An expression with its k-th child replaced."""
    if isinstance(expr, Partial) and k == 1 and not isinstance(new, Ref):
        return expr
    return expr.rebuild((*expr.children[:k], new, *expr.children[k + 1 :]))
