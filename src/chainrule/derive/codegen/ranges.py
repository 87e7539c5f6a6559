"""Sums over a range such as j <= i: cumulative sums where the body allows it, else a mask on one factor."""

from collections.abc import Callable, Mapping

from chainrule.derive.codegen.broadcasting import Value
from chainrule.derive.language.expressions import ZERO, Compare, Expr, Mul, Num, Position, Reduce, Ref, Size, Where, mul
from chainrule.derive.language.printer import ADDED, MULTIPLIED
from chainrule.derive.language.words.ranges import range_of

CUMULATIVE = {
    "sum": "np.cumsum",
    "prod": "np.cumprod",
    "max": "np.maximum.accumulate",
    "min": "np.minimum.accumulate",
}
FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def cumulative(expr: Reduce, dimensions: Mapping[str, str], write: Callable[[Expr], Value]) -> Value | None:
    """`np.cumsum(…)` for a sum over j <= i (or the like) of what does not depend on i; None for anything else."""
    over, body = range_of(expr)
    if len(over.letters) != 1 or len(over.conditions) != 1:
        return None
    ((inner,), (condition,)) = over
    match condition:
        case Compare(relation, Position(left), Position(right)) if relation in FLIPPED:
            outer = right if left == inner else left
            relation = relation if left == inner else FLIPPED[relation]
        case _:
            return None
    strict = relation in ("<", ">")
    if dimensions[inner] != dimensions[outer] or outer in body.free or inner not in body.free:
        return None
    if strict and expr.operation != "sum":
        return None
    value = write(body)
    axis = value.letters.index(inner)
    letters = tuple(outer if letter == inner else letter for letter in value.letters)
    name = CUMULATIVE[expr.operation]
    text = f"{name}({value.text}, axis={axis})"
    if relation in (">", ">="):
        text = f"np.flip({name}(np.flip({value.text}, {axis}), axis={axis}), {axis})"
    return Value(f"{text} - {value.at(MULTIPLIED)}", letters, ADDED) if strict else Value(text, letters)


def masked_product(expr: Reduce) -> Expr | None:
    """The body of a sum over a range with the condition at one factor, so that the sum is a matrix product.

    Only where the other factors are elements of arrays or numbers, which are finite outside of the range too.
    """
    over, body = range_of(expr)
    if expr.operation != "sum" or not over.conditions or not isinstance(body, Mul):
        return None
    asked = frozenset().union(*(condition.free for condition in over.conditions))
    for k, factor in enumerate(body.factors):
        others = body.factors[:k] + body.factors[k + 1 :]
        if asked <= factor.free and all(isinstance(other, Ref | Num | Size) for other in others):
            for condition in reversed(over.conditions):
                factor = Where(condition, factor, ZERO)
            return mul(factor, *others)
    return None
