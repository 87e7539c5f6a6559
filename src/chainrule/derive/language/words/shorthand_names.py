"""Names for shorthands that stand inside of a line.

`Y[s,i] = X[s,i] / norm[j](X[s,j])` becomes two lines, so that the gradient is written with the norm:

    norm[s] = sqrt(sum[j](X[s,j]^2))
    Y[s,i]  = X[s,i] / norm[s]
"""

from collections.abc import Callable, Iterable, Mapping

from chainrule.derive.language.expressions import Expr, Reduce, Ref, letters_in_order, ref
from chainrule.derive.language.subscripts import Affine

Definition = tuple[Ref, Expr]


def name_shorthands(
    value: Expr, opened: Iterable[tuple[str, Expr]], known: Iterable[Definition], new_name: Callable[[str], str]
) -> tuple[Expr, list[Definition]]:
    """The value of a line with names for the shorthands in it, and what the new names stand for.

    opened: the shorthands, the inner ones first. known: the definitions so far. new_name: a name that nothing has, made
    from a word.
    """
    definitions: list[Definition] = []
    for word, part in opened:
        for target, meaning in definitions:
            part = _named(part, meaning, target)
        if _shape(part) == _shape(value):
            continue
        same = (target for target, meaning in (*known, *definitions) if _shape(meaning) == _shape(part))
        name = next(same, None)
        if name is None:
            in_order = dict.fromkeys([*letters_in_order(part), *sorted(part.free)])
            name = ref(new_name(word), [letter for letter in in_order if letter in part.free])
            definitions.append((name, part))
        value = _named(value, part, name)
    used = value.names.union(*(meaning.names for _, meaning in definitions))
    return value, [(target, meaning) for target, meaning in definitions if target.name in used]


def _named(expr: Expr, part: Expr, name: Ref) -> Expr:
    """The expression with a name in every place of a part, whatever letters its sums have."""
    if expr.free == part.free and _shape(expr) == _shape(part):
        return name
    return expr.map(lambda child: _named(child, part, name))


def _shape(expr: Expr, depth: int = 0) -> Expr:
    """The expression with the letters of its sums numbered: equal for expressions that differ in those alone."""
    if not isinstance(expr, Reduce):
        return expr.map(lambda child: _shape(child, depth))
    new = {letter: f"z{depth + k}''''" for k, letter in enumerate(expr.indices)}
    meaning: Mapping[str, Affine] = {letter: Affine.of(name) for letter, name in new.items()}
    return Reduce(expr.operation, tuple(new.values()), _shape(expr.body.rename(meaning), depth + len(new)))
