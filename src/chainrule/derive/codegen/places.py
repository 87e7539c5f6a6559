"""NumPy source for index arrays: `X[np.arange(S), y]` picks, `scattered(dY, [idx], …)` adds up at the places picked."""

from collections.abc import Callable, Iterable, Sequence

from chainrule.derive.codegen.broadcasting import Axes, Value
from chainrule.derive.language.expressions import Delta, Expr, Reduce, Ref, Size, split_quotient
from chainrule.derive.language.subscripts import Affine

Letters = tuple[str, ...]


def pick(array: str, indices: Sequence[Affine], places: Callable[[Affine], Value], axes: Axes, safe: bool) -> Value:
    """Elements of an array at places that index arrays give. An axis with an index of its own stays whole.

    places: the source of a subscript. safe: whether all places lie inside of the array; outside it is 0.
    """
    shared = [letter for index in indices for letter in index.letters]
    whole = [bool(safe and index.letter and shared.count(index.letter) == 1) for index in indices]
    found = {k: places(index) for k, index in enumerate(indices) if not whole[k]}
    together = axes.union(found.values())
    parts = [axes.spread(found[k], together).text if k in found else ":" for k in range(len(indices))]
    if not safe:
        return Value(f"picked({array}, [{', '.join(parts)}])", together)
    first, last = min(found), max(found)
    start = first if len(found) == last - first + 1 else 0  # NumPy puts axes of places that stand apart in front
    own = [index.letter or "" for k, index in enumerate(indices) if whole[k]]
    while parts[-1] == ":":
        parts.pop()
    return Value(f"{array}[{', '.join(parts)}]", (*own[:start], *together, *own[start:]))


def open_sums(operation: str, letters: Letters, body: Expr) -> tuple[Letters, list[Expr], list[Expr]]:
    """A sum or mean with the sums in it opened that scatter: its letters, its factors and those of its denominator."""
    above, below = split_quotient(body)
    below += [Size(letter) for letter in letters] if operation == "mean" else []
    for factor in above:
        if isinstance(factor, Reduce) and factor.operation in ("sum", "mean"):
            bound, more, divisors = open_sums(factor.operation, factor.indices, factor.body)
            if any(isinstance(inner, Delta) and inner.right.lookups for inner in more):
                rest = [other for other in above if other is not factor]
                return (*letters, *bound), [*rest, *more], [*below, *divisors]
    return letters, above, below


def places_scattered(factors: Sequence[Expr], letters: Sequence[str]) -> list[Delta]:
    """The deltas by which a sum over `letters` adds up at places: δ[v,idx[t]] where v stands in nothing else."""
    found = []
    for factor in factors:
        if isinstance(factor, Delta) and factor.left.letter and factor.right.lookups:
            v = factor.left.letter
            alone = v not in factor.right.letters and not any(v in other.free for other in factors if other != factor)
            if v not in letters and alone and not factor.right.letters.isdisjoint(letters):
                found.append(factor)
    return found


def scatter(values: Value, deltas: Sequence[Delta], kept: Letters, lead: Letters, places: Callable[[Affine], Value],
            axes: Axes, size: Callable[[str], str]) -> Value:  # fmt: skip
    """The values, which have the axes `lead` and others, added up along `lead` at the places that the deltas give.

    kept: those of the axes `lead` that stay.
    """
    rest = tuple(letter for letter in values.letters if letter not in lead)
    found = [axes.spread(places(index), lead).text for index in (*map(Affine.of, kept), *(d.right for d in deltas))]
    out = (*kept, *(delta.left.letter or "" for delta in deltas), *rest)
    text = axes.spread(values, (*lead, *rest)).text
    if set(values.letters) != {*lead, *rest}:
        text = f"np.broadcast_to({text}, {shape_of(map(size, (*lead, *rest)))})"
    return Value(f"scattered({text}, [{', '.join(found)}], {shape_of(map(size, out))})", out)


def shape_of(sizes: Iterable[str]) -> str:
    """Source of a tuple."""
    parts = list(sizes)
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def is_sure(element: Ref, marked: frozenset[str]) -> bool:
    """Whether all places of an element lie inside of the array: each an index, or that of an array without marks."""
    lookups = [index.lookup for index in element.indices if index.lookup]
    inside = all(lookup.is_plain and lookup.name not in marked for lookup in lookups)
    return inside and all(index.letter or index.lookup for index in element.indices)
