"""Terms and factors that together make up what is missing at a place of a line, found by their values at a point."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.derive.evaluation.arithmetic import Array
from chainrule.derive.language.expressions import ONE, Div, Expr, Reduce, Ref, add, mul, neg, num
from chainrule.derive.language.occurrences import Occurrence
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.prover.repair.additions import PRICE, weight
from chainrule.derive.prover.repair.edits import Edit
from chainrule.derive.prover.repair.line_context import LineContext

CLOSE = 1e-8
Known = Sequence[tuple[Expr, Array]]  # parts that may be missing, with their values at the point


def term_fits(place: Occurrence, missing: Array, known: Known) -> Iterator[Edit]:
    """One or two terms, each with a plain coefficient, that add up to what is missing."""
    for some in sorted(_sums(missing, known), key=lambda s: sum(weight(t) for t in s)):
        texts = " and ".join(f"`{show(term)}`" for term in some)
        many = "s" if len(some) > 1 else ""
        reason = f"the term{many} {texts} {'are' if many else 'is'} missing beside `{show(place.node)}`"
        yield Edit(place.put(add(place.node, *some)), 3 + PRICE * sum(map(weight, some)), reason)


def _sums(missing: Array, known: Known) -> Iterator[tuple[Expr, ...]]:
    scale = float(np.max(np.abs(missing), initial=0))
    coefficients = {1.0: lambda e: e, -1.0: neg, 2.0: lambda e: mul(num(2), e), -2.0: lambda e: neg(mul(num(2), e))}
    columns = [(make(term), c * value) for term, value in known for c, make in coefficients.items()]
    if not columns or not scale:
        return
    flat = _rows([value for _, value in columns], missing)
    rest = missing.ravel() - flat
    for k in np.flatnonzero(np.abs(rest).max(axis=1) <= CLOSE * scale):
        yield (columns[k][0],)
    for first, gap in enumerate(rest):
        for second in np.flatnonzero(np.abs(gap - flat).max(axis=1) <= CLOSE * scale):
            if second > first:
                yield columns[first][0], columns[second][0]


def factor_fits(place: Occurrence, ratio: Array, known: Known) -> Iterator[Edit]:
    """A factor, a product of two or a quotient of two that is the ratio of what should stand there to what does."""
    scale = float(np.max(np.abs(ratio), initial=0))
    columns = [(part, value) for part, value in known if np.all(value)]
    if not columns or not scale:
        return
    flat = _rows([value for _, value in columns], ratio)
    parts = [part for part, _ in columns]
    found = [parts[k] for k in np.flatnonzero(np.abs(flat - ratio.ravel()).max(axis=1) <= CLOSE * scale)]
    for first, values in enumerate(flat):
        below = np.flatnonzero(np.abs(values / flat - ratio.ravel()).max(axis=1) <= CLOSE * scale)
        beside = np.flatnonzero(np.abs(values * flat - ratio.ravel()).max(axis=1) <= CLOSE * scale)
        found += [Div(parts[first], parts[k]) for k in below]
        found += [mul(parts[first], parts[k]) for k in beside if k > first]
    where = "" if place.is_root else f" at `{show(place.node)}`"
    for factor in found:
        reason = f"the factor `{show(factor)}` is missing{where}"
        new = place.put(factor if place.node == ONE else mul(place.node, factor))
        yield Edit(new, 3 + PRICE * weight(factor), reason)


def _rows(values: Sequence[Array], like: Array) -> Array:
    return np.array([np.broadcast_to(value, like.shape).ravel() for value in values])


def moments_of(context: LineContext, parts: Sequence[Expr]) -> Iterator[Expr]:
    """The mean and sum over an index of the product of two arrays: mean[i](dY[s,i] * X[s,i])."""
    elements = [part for part in parts if isinstance(part, Ref) and part.indices]
    for one, other in itertools.combinations_with_replacement(elements, 2):
        for letter in sorted(one.free & other.free):
            new = context.fresh(context.of.get(letter, letter), {*context.letters, *one.letters, *other.letters})
            body = mul(one, other).rename({letter: Affine.of(new)})
            yield from (Reduce(operation, (new,), body) for operation in ("mean", "sum"))
