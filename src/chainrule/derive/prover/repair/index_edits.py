"""Edits of the indices of a line: wrong letters, sums that run over too much or too little, sizes."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial

from chainrule.derive.language.expressions import (
    ONE,
    Add,
    Call,
    Const,
    Delta,
    Div,
    Expr,
    MatrixFunction,
    Mul,
    Neg,
    Num,
    Partial,
    Position,
    Reduce,
    Ref,
    Size,
    add,
    mul,
    neg,
    num,
)
from chainrule.derive.language.occurrences import Occurrence, occurrences
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.prover.repair.edits import Edit, divided, times
from chainrule.derive.prover.repair.line_context import LineContext


def index_edits(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """All edits in this file at a place."""
    for kind in (letters, whole_letters, sizes, sums, other_axes, missing_sums, brackets):
        yield from kind(context, place)


def letters(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A wrong index letter, two indices swapped, or wrong index arithmetic."""
    node = place.node
    if isinstance(node, Ref):
        yield from _element_letters(context, place, node)
    if isinstance(node, Delta):
        for k, index in enumerate((node.left, node.right)):
            for other in _other_letters(context, place, index, context.of.get(index.letter or "")):
                new = Delta(other, node.right) if k == 0 else Delta(node.left, other)
                yield Edit(place.put(new), 1.0, f"the index {index} of `{show(node)}` should be {other}")
    if isinstance(node, MatrixFunction) and len(node.places) == 2:
        turned = node.at_places(node.places[::-1])
        yield Edit(place.put(turned), 0.95, f"`{show(node)}` is transposed: it should be `{show(turned)}`")
    if isinstance(node, Position):
        for letter in place.scope:
            if letter != node.index:
                yield Edit(place.put(Position(letter)), 1.0, f"`{node.index}` should be `{letter}`")


def _element_letters(context: LineContext, place: Occurrence, node: Ref) -> Iterator[Edit]:
    homes = context.axes(node.name)
    for k, (index, home) in enumerate(zip(node.indices, homes, strict=False)):
        for other in _other_letters(context, place, index, home):
            new = Ref(node.name, (*node.indices[:k], other, *node.indices[k + 1 :]))
            yield Edit(place.put(new), 1.0, f"the index {index} of `{show(node)}` should be {other}")
    for k in range(len(node.indices)):
        for j in range(k):
            swapped = list(node.indices)
            swapped[j], swapped[k] = swapped[k], swapped[j]
            new = Ref(node.name, tuple(swapped))
            yield Edit(place.put(new), 1.0, f"`{show(node)}` is transposed: it should be `{show(new)}`")


def _other_letters(context: LineContext, place: Occurrence, index: Affine, home: str | None) -> Iterator[Affine]:
    if index.letter and home:
        yield from (Affine.of(letter) for letter in context.along(home, place.scope) if letter != index.letter)
        if home in context.steps:
            yield index + Affine.constant(1)
            yield index - Affine.constant(1)
        return
    for monomial, coefficient in index.terms:  # index arithmetic: the sign of a term, and one more or less
        yield Affine.collect({**dict(index.terms), monomial: -coefficient})
    yield index + Affine.constant(1)
    yield index - Affine.constant(1)


def whole_letters(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """One index for another throughout a part of the line, or two of them exchanged."""
    node = place.node
    if not isinstance(node, Mul | Add | Reduce | Div | Call | Partial):
        return
    for old in sorted(node.free):
        for new in context.along(context.of.get(old, ""), place.scope):
            if new != old and new not in node.letters - node.free:
                reason = f"the index {old} in `{show(node)}` should be {new}"
                yield Edit(place.put(node.rename({old: Affine.of(new)})), 1.3, reason)
                if new in node.free and old < new:
                    exchanged = node.rename({old: Affine.of(new), new: Affine.of(old)})
                    yield Edit(
                        place.put(exchanged), 1.35, f"the indices {old} and {new} in `{show(node)}` are exchanged"
                    )


def sizes(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A factor such as 1/S missing, the wrong size, or N − 1 in place of N."""
    node = place.node
    if isinstance(node, Size):
        for home in context.homes:
            if home != context.of.get(node.index):
                new = Size(size_letter(context, home, place))
                yield Edit(place.put(new), 1.0, f"`{show(node)}` should be `{show(new)}`")
        yield Edit(place.put(add(node, num(-1))), 1.1, f"`{show(node)}` should be `{show(node)} - 1`")
    if isinstance(node, Add) and any(isinstance(term, Size) for term in node.terms):
        for term in node.terms:
            if isinstance(term, Size):
                yield Edit(place.put(term), 1.1, f"`{show(node)}` should be `{show(term)}`")
    if place.is_root or isinstance(place.parent, Add) or isinstance(node, Reduce):
        where, cost = ("", 1.2) if place.is_root else (f" at `{show(node)}`", 1.4)
        for scale, reason in scales(context, place):
            yield Edit(place.put(scale(node)), cost, reason + where)


def size_letter(context: LineContext, home: str, place: Occurrence) -> str:
    """A letter that shows a size: one in scope, else any."""
    return next(iter([*context.along(home, place.scope), home]))


def scales(context: LineContext, place: Occurrence) -> Iterator[tuple[Callable[[Expr], Expr], str]]:
    """Constant factors that people forget, each as a function of the expression."""
    yield partial(times, num(2)), "the factor 2 is missing"
    yield _divided_by(num(2)), "the factor 1/2 is missing"
    if context.is_gaussian:
        root = Call("sqrt", (mul(num(2), Const("pi")),))
        yield _divided_by(root), f"the factor 1/{show(root)} is missing"
    for home in context.homes:
        size = Size(size_letter(context, home, place))
        yield _divided_by(size), f"the factor 1/{show(size)} is missing"
        yield partial(times, size), f"the factor {show(size)} is missing"


def _divided_by(divisor: Expr) -> Callable[[Expr], Expr]:
    return partial(divided, divisor=divisor)


def sums(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A sum that runs over too much, or should be a mean."""
    node = place.node
    if not isinstance(node, Reduce):
        return
    for other in ("sum", "mean", "max", "min"):
        if other != node.operation:
            over = ", ".join(node.indices)
            reason = f"the {node.operation} over {over} should be a {other}"
            yield Edit(place.put(Reduce(other, node.indices, node.body)), 1.0 + 0.3 * (other in ("max", "min")), reason)
    for k, letter in enumerate(node.indices):
        for loose in sorted(node.body.free - {*place.scope, *node.indices}) if letter not in node.body.free else ():
            bound = Reduce(node.operation, (*node.indices[:k], loose, *node.indices[k + 1 :]), node.body)
            yield Edit(place.put(bound), 1.0, f"the {node.operation} runs over {letter}, but should over {loose}")
        rest = tuple(other for other in node.indices if other != letter)
        home, around = context.of.get(letter), (*place.scope, *rest)
        for meant in [*(context.along(home, around) if home in context.homes else around), ""]:
            body = node.body.rename({letter: Affine.of(meant)}) if meant else node.body
            body = plain_deltas(body)
            new = Reduce(node.operation, rest, body) if rest else body
            why = f", but only {letter} = {meant} counts" if meant else ""
            reason = f"the {node.operation} runs over {letter} as well{why}: drop {letter}"
            yield Edit(place.put(new), 1.1, reason, (letter, meant) if meant else None)


def other_axes(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """All sums over one dimension should run over another: mean[k](X[s,k]) for mean[r](X[r,n])."""
    if not place.is_root:
        return
    letters = [node.indices[0] for node in place.node.walk() if isinstance(node, Reduce) and len(node.indices) == 1]
    homes = dict.fromkeys(context.of[letter] for letter in letters if letter in context.of)
    for home in homes:
        for kept, gone in itertools.product(context.along(home, place.scope), place.scope):
            other = context.of.get(gone)
            if other is None or other == home:
                continue
            fresh = context.fresh(other, place.node.letters)
            value = _over_other_axis(place.node, context, home, Affine.of(kept), gone, fresh)
            yield Edit(value, 1.4, f"the sums run over the axis of {kept}, but should over that of {gone}")


def _over_other_axis(expr: Expr, context: LineContext, home: str, kept: Affine, gone: str, fresh: str) -> Expr:
    if isinstance(expr, Reduce) and len(expr.indices) == 1 and context.of.get(expr.indices[0]) == home:
        (letter,) = expr.indices
        if gone in expr.body.free:
            return Reduce(expr.operation, (fresh,), expr.body.rename({letter: kept, gone: Affine.of(fresh)}))
    return expr.map(lambda child: _over_other_axis(child, context, home, kept, gone, fresh))


def plain_deltas(expr: Expr) -> Expr:
    """An expression in which a delta of an index with itself is gone."""
    new = expr.map(plain_deltas)
    if isinstance(new, Delta) and new.left == new.right:
        return ONE
    if isinstance(new, Mul) and ONE in new.factors:
        return mul(*(factor for factor in new.factors if factor != ONE))
    return new


def missing_sums(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """An index that should be summed over."""
    node = place.node
    if isinstance(node, Num | Size | Delta | Position) or isinstance(place.parent, Partial):
        return
    for letter in sorted(node.free):
        home = context.of.get(letter)
        if home is None:
            continue
        free = letter not in place.scope
        new = letter if free else context.fresh(home, node.letters | set(place.scope))
        body = node if free else node.rename({letter: Affine.of(new)})
        for operation in ("sum", "mean"):
            cost = 1.0 + 0.1 * (operation == "mean") + 0.15 * (not free)
            reason = f"the {operation} over {new} is missing"
            yield Edit(place.put(_reduced(operation, new, body)), cost, reason)
    unbound = [letter for letter in sorted(node.free - set(place.scope)) if letter in context.of]
    if len(unbound) > 1:
        yield Edit(
            place.put(Reduce("sum", tuple(unbound), node)), 1.2, f"the sum over {' and '.join(unbound)} is missing"
        )


def _reduced(operation: str, letter: str, body: Expr) -> Expr:
    if isinstance(body, Reduce) and body.operation == operation == "sum" and letter not in body.indices:
        return Reduce("sum", (letter, *body.indices), body.body)
    return Reduce(operation, (letter,), body)


def brackets(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """A factor or term that stands outside of the sum that it belongs to, or inside one that it does not."""
    match place.node:
        case Mul(factors):
            for k, factor in enumerate(factors):
                if isinstance(factor, Reduce):
                    rest = factors[:k] + factors[k + 1 :]
                    inside = [f for f in rest if not f.free.isdisjoint(factor.indices)] or list(rest)
                    outside = [f for f in rest if f not in inside]
                    new = mul(*outside, Reduce(factor.operation, factor.indices, mul(*inside, factor.body)))
                    yield Edit(place.put(new), 1.2, f"`{show(mul(*inside))}` belongs inside the {factor.operation}")
            yield from _into_sums(context, place, factors)
        case Add(terms):
            for k, term in enumerate(terms):
                inner = term.argument if isinstance(term, Neg) else term
                if isinstance(inner, Reduce):
                    rest = terms[:k] + terms[k + 1 :]
                    body = add(*((neg(t) for t in rest) if isinstance(term, Neg) else rest), inner.body)
                    new = Reduce(inner.operation, inner.indices, body)
                    moved = neg(new) if isinstance(term, Neg) else new
                    yield Edit(place.put(moved), 1.3, f"`{show(add(*rest))}` belongs inside the {inner.operation}")
        case Reduce(operation, indices, Add(terms)):
            for k, term in enumerate(terms):
                new = add(Reduce(operation, indices, add(*terms[:k], *terms[k + 1 :])), term)
                yield Edit(place.put(new), 1.3, f"`{show(term)}` belongs outside of the {operation}")


def _into_sums(context: LineContext, place: Occurrence, factors: tuple[Expr, ...]) -> Iterator[Edit]:
    """A factor beside a sum that belongs inside it, at the index that it sums over."""
    for factor in factors:
        rest = mul(*(other for other in factors if other is not factor))
        for inner in occurrences(rest, place.scope):
            for old, new in itertools.product(sorted(factor.free), getattr(inner.node, "indices", ())):
                if isinstance(inner.node, Reduce) and context.of.get(old) == context.of.get(new):
                    operation, letters, body = inner.node.operation, inner.node.indices, inner.node.body
                    moved = Reduce(operation, letters, mul(body, factor.rename({old: Affine.of(new)})))
                    reason = f"`{show(factor)}` belongs inside the {operation} over {new}"
                    yield Edit(place.put(inner.put(moved)), 1.4, reason)
