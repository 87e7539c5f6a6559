"""Einstein sums: an index that stands twice in a term, and not on the left side, is summed over.

`Y[i,j] = A[i,k] * B[k,j]` means `sum[k](A[i,k] * B[k,j])` where a line declares that repeated indices are summed.
"""

from collections import Counter

from chainrule.derive.language.errors import EquationError
from chainrule.derive.language.expressions import (
    Add,
    Delta,
    Div,
    Expr,
    Mul,
    Neg,
    Partial,
    Reduce,
    Ref,
    add,
    neg,
    order_letters,
    subscripts_of,
)

Letters = frozenset[str]


def sum_repeated(expr: Expr, known: Letters) -> Expr:
    """The expression with its implied sums written out; indices that are `known` mean something around it.

    Raises EquationError, without a place, where an index stands in a term three times or more.
    """
    if isinstance(expr, Add):
        return add(*(sum_repeated(term, known) for term in expr.terms))
    if isinstance(expr, Neg):
        return neg(sum_repeated(expr.argument, known))
    inner, counts = _count(expr, known)
    for letter, times in counts.items():
        if times > 2:
            raise EquationError(
                f"the index `{letter}` stands {times} times in one term; write its sum, as in sum[{letter}](…)"
            )
    repeated = [letter for letter, times in counts.items() if times == 2]
    for node in inner.walk():
        if isinstance(node, Reduce) and (twice := sorted({*node.indices} & {*repeated})):
            raise EquationError(f"the index `{twice[0]}` is summed over inside of a sum over it; choose another letter")
    return Reduce("sum", order_letters(repeated, inner), inner) if repeated else inner


def _count(expr: Expr, known: Letters) -> tuple[Expr, Counter[str]]:
    """A factor with the sums inside of it written out, and how often each free index stands in it."""
    match expr:
        case Ref() | Delta():
            letters = [letter for index in subscripts_of(expr) for letter in sorted(index.letters - known)]
            return expr, Counter(letters)
        case Mul() | Div() | Partial(Ref(), _):
            parts = [_count(child, known) for child in expr.children]
            return expr.rebuild(tuple(part for part, _ in parts)), sum((counts for _, counts in parts), Counter())
        case Reduce(_, letters, _):
            new = expr.map(lambda child: sum_repeated(child, known | {*letters}))
        case Partial(of, by):
            new, below = Partial(sum_repeated(of, known), by), _count(by, known)[1]
            return new, Counter(sorted(new.of.free - known)) + below
        case _:
            new = expr.map(lambda child: sum_repeated(child, known))
    return new, Counter(sorted(new.free - known))
