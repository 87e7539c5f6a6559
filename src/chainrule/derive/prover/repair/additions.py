"""Edits that put something in: a factor, a term, a delta that was left out, or another quantity in a place.

The candidates for what was left out are the elements of all arrays at the indices at hand, deltas between those, and
the parts of the line before and of the forward program, with their indices brought to those at hand.
"""

import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction

import numpy as np

from chainrule.derive.language.expressions import (
    ONE,
    ZERO,
    Add,
    Call,
    Compare,
    Delta,
    Div,
    Expr,
    Mul,
    Neg,
    Num,
    Partial,
    Pow,
    Reduce,
    Ref,
    Size,
    Where,
    add,
    mul,
    neg,
    num,
    ref,
)
from chainrule.derive.language.occurrences import Occurrence, occurrences
from chainrule.derive.language.printer import show
from chainrule.derive.language.subscripts import Affine
from chainrule.derive.prover.repair.edits import Edit
from chainrule.derive.prover.repair.line_context import LineContext

MAX_CANDIDATES = 80
MAX_NODES = 24
MAX_EXCHANGED = 8  # nodes of what stands in another's place
PRICE = 0.03  # for each node of what is put in: the smaller addition is tried first


class Candidates:
    """What might have been left out of a line, by the letters at hand. `near` are the lines around it."""

    def __init__(self, context: LineContext, near: Iterable[Expr]) -> None:
        self.context = context
        self.sources = list(near)
        self.wholes = {part for source in self.sources for part in _stripped(source)}
        self.known: dict[tuple[str, ...], list[Expr]] = {}

    def at(self, scope: tuple[str, ...]) -> list[Expr]:
        """The candidates at a place, likeliest first."""
        if scope not in self.known:
            found = dict.fromkeys(
                [*self._deltas(scope), *self._near(scope), *self._elements(scope), *self._forward(scope)]
            )
            plain = [e for e in found if isinstance(e, Ref | Call)]
            roots = [e.arguments[0] for e in plain if isinstance(e, Call) and e.function == "sqrt"]
            extended = [*found, *(add(ONE, neg(e)) for e in plain), *(Pow(e, num(2)) for e in plain)]
            extended += [Pow(e, num(Fraction(3, 2))) for e in roots]
            self.known[scope] = [e for e in extended if weight(e) <= MAX_NODES][:MAX_CANDIDATES]
        return self.known[scope]

    def _deltas(self, scope: tuple[str, ...]) -> Iterator[Expr]:
        for a, b in itertools.combinations(dict.fromkeys(scope), 2):
            if self.context.of.get(a, a) == self.context.of.get(b, b):
                yield Delta(Affine.of(a), Affine.of(b))
        for statement in self.context.model.program.statements:  # delta[i+a,h], where X[i+a] stands in the program
            for node in statement.value.walk():
                for k, index in enumerate(node.indices if isinstance(node, Ref) else ()):
                    if not index.letter and index.letters <= set(scope):
                        homes = self.context.axes(node.name)  # type: ignore[attr-defined]
                        yield from (Delta(index, Affine.of(a)) for a in self.context.along(homes[k], scope))

    def _near(self, scope: tuple[str, ...]) -> Iterator[Expr]:
        for source in self.sources:
            for node in source.walk():
                if _is_quantity(node) and node not in self.wholes:
                    yield from self._fitted(node, scope)

    def _elements(self, scope: tuple[str, ...]) -> Iterator[Expr]:
        model = self.context.model
        used = [name for source in self.sources for name in source.names]
        for name in sorted(dict.fromkeys(self.context.names), key=lambda n: n not in used):
            choices = [self.context.along(home, scope) for home in self.context.axes(name)]
            for letters in itertools.islice(itertools.product(*choices), 4):
                if name not in model.program.subscript_scalars and (letters or not choices):
                    yield ref(name, letters)

    def _forward(self, scope: tuple[str, ...]) -> Iterator[Expr]:
        for statement in self.context.model.program.statements:
            for node in statement.value.walk():
                if isinstance(node, Call | Reduce | Pow | Div | Compare | Add):
                    yield from self._fitted(node, scope)
            if _is_rectified(statement.value):
                yield from self._fitted(Compare(">", statement.target, ZERO), scope)

    def _fitted(self, node: Expr, scope: tuple[str, ...]) -> Iterator[Expr]:
        """A part of another line, its free indices brought to those at hand in at most four ways."""
        bound = {letter for inner in node.walk() if isinstance(inner, Reduce) for letter in inner.indices}
        if not bound.isdisjoint(scope) or weight(node) > MAX_NODES:
            return
        free = sorted(node.free)
        choices = []
        for letter in free:
            along = self.context.along(self.context.of.get(letter, ""), scope)
            choices.append([letter] if letter in along else along)
        for letters in itertools.islice(itertools.product(*choices), 4):
            yield node.rename({old: Affine.of(new) for old, new in zip(free, letters, strict=True)})


def _is_rectified(value: Expr) -> bool:
    """max(X, 0) or relu(X)."""
    return isinstance(value, Call) and (
        value.function == "relu" or (value.function == "max" and ZERO in value.arguments)
    )


def _stripped(expr: Expr) -> Iterator[Expr]:
    """A line and what is left of it without signs: to put a whole line into another repairs nothing."""
    yield expr
    if isinstance(expr, Neg):
        yield from _stripped(expr.argument)


def _is_quantity(node: Expr) -> bool:
    return isinstance(node, Ref | Call | Reduce | Pow | Div | Compare | Partial | Add | Where | Delta | Mul)


def weight(expr: Expr) -> int:
    """How many nodes an expression has; a derivative that is not worked out counts for more."""
    return 1 + 10 * isinstance(expr, Partial) + sum(map(weight, expr.children))


def additions(candidates: Candidates, place: Occurrence) -> Iterator[Edit]:
    """Factors, divisors and terms that were left out, and quantities in each other's place."""
    if isinstance(place.parent, Partial):
        yield from _exchanges(candidates, place)
        return
    fitting = candidates.at(place.scope)
    if place.is_root or isinstance(place.parent, Add | Reduce | Div | Call | Where):
        for factor in fitting:
            yield from _factor(place, factor)
    if not isinstance(place.node, Size) and not isinstance(place.parent, Add | Pow):
        for term in [ONE, *fitting]:
            yield from _term(place, term)
    if not place.is_root:
        yield from _exchanges(candidates, place)


def _factor(place: Occurrence, factor: Expr) -> Iterator[Edit]:
    node, price = place.node, PRICE * weight(factor)
    kind = "delta" if isinstance(factor, Delta) else "factor"
    where = "" if place.is_root else f" at `{show(node)}`"
    cost = 1.3 if kind == "delta" else 1.4
    sign, inner = (neg, node.argument) if isinstance(node, Neg) else ((lambda e: e), node)
    yield Edit(place.put(sign(mul(inner, factor))), cost + price, f"the {kind} `{show(factor)}` is missing{where}")
    if not isinstance(factor, Delta | Compare):
        whole = Div(inner.numerator, mul(inner.denominator, factor)) if isinstance(inner, Div) else Div(inner, factor)
        yield Edit(place.put(sign(whole)), cost + 0.1 + price, f"the division by `{show(factor)}` is missing{where}")


def _term(place: Occurrence, term: Expr) -> Iterator[Edit]:
    price = 1.4 + PRICE * weight(term)
    where = f"beside `{show(place.node)}`"
    yield Edit(place.put(add(term, place.node)), price, f"the term `{show(term)}` is missing {where}")
    yield Edit(place.put(add(place.node, neg(term))), price, f"the term `-{show_factor(term)}` is missing {where}")


def show_factor(expr: Expr) -> str:
    """An expression as it stands behind a sign."""
    text = show(neg(expr))
    return text.removeprefix("-")


def _exchanges(candidates: Candidates, place: Occurrence) -> Iterator[Edit]:
    node = place.node
    if isinstance(node, Ref):
        for name in candidates.context.names:
            if name != node.name and candidates.context.axes(name) == candidates.context.axes(node.name):
                new = Ref(name, node.indices)
                yield Edit(place.put(new), 1.2, f"`{show(node)}` should be `{show(new)}`")
    if isinstance(place.parent, Partial) or isinstance(node, Num) or weight(node) > MAX_EXCHANGED:
        return
    for other in candidates.at(place.scope):
        if other != node and weight(other) <= MAX_EXCHANGED:
            cost = 1.6 + PRICE * (weight(other) + weight(node))
            yield Edit(place.put(other), cost, f"`{show(node)}` should be `{show(other)}`")


def large_exchanges(candidates: Candidates, place: Occurrence) -> Iterator[Edit]:
    """A long part of another line in the place of a short one."""
    node = place.node
    if place.is_root or isinstance(place.parent, Partial) or isinstance(node, Num) or weight(node) > MAX_EXCHANGED:
        return
    for other in candidates.at(place.scope):
        if weight(other) > MAX_EXCHANGED:
            cost = 1.6 + PRICE * (weight(other) + weight(node))
            yield Edit(place.put(other), cost, f"`{show(node)}` should be `{show(other)}`")


def contractions(context: LineContext, place: Occurrence) -> Iterator[Edit]:
    """Another way to join the indices of a product: a matrix product in place of an elementwise one, and the like."""
    inner = node = place.node
    operation = node.operation if isinstance(node, Reduce) else "sum"
    while isinstance(inner, Reduce) and inner.operation in ("sum", "mean"):
        inner = inner.body
    if (
        not isinstance(inner, Mul | Div)
        or isinstance(place.parent, Reduce)
        or any(isinstance(n, Reduce) for n in inner.walk())
    ):
        return
    leaves = [n for n in inner.walk() if isinstance(n, Ref) and n.indices]
    axes = [home for leaf in leaves for home in context.axes(leaf.name)]
    if len(axes) != sum(len(leaf.indices) for leaf in leaves):
        return
    if len(leaves) > 4 or not all(i.letter for leaf in leaves for i in leaf.indices):
        return
    scope = tuple(a for a in place.scope)
    summed = {home: context.fresh(home, scope, inner.letters) for home in dict.fromkeys(axes)}
    choices = [[*context.along(home, scope), summed[home]] for home in axes]
    if np.prod([len(choice) for choice in choices], dtype=float) > 600:
        return
    for chosen in itertools.product(*choices):
        body = _relettered(inner, leaves, list(chosen))
        bound = tuple(letter for letter in summed.values() if letter in body.free)
        new = Reduce(operation, bound, body) if bound else body
        yield Edit(place.put(new), 1.5, f"the indices are joined in the wrong way: `{show(new)}` is meant")


def _relettered(body: Expr, leaves: list[Ref], letters: list[str]) -> Expr:
    """The leaves, in order, with these letters at their axes."""
    rest = iter(letters)

    def walk(expr: Expr) -> Expr:
        if isinstance(expr, Ref) and expr.indices:
            return ref(expr.name, [next(rest) for _ in expr.indices])
        return expr.map(walk)

    return walk(body)


def normalisations(
    context: LineContext, candidates: Candidates, value: Expr
) -> Iterator[tuple[Occurrence, list[Expr]]]:
    """Places of a line, and terms that may be missing there together: what a mean or a norm takes away.

    For a part u of the line these are all u averaged or summed over an index, and Z * mean(u * Z) for an array Z; and
    every array times a scalar.
    """
    for place in occurrences(value, context.letters):
        if not place.is_root and not isinstance(place.parent, Div | Mul | Neg):
            continue
        if isinstance(place.node, Num | Size | Delta):
            continue
        terms = dict.fromkeys([*_taken_away(context, candidates, place), *candidates.at(place.scope)])
        yield place, [term for term in terms if term != place.node]


def _taken_away(context: LineContext, candidates: Candidates, place: Occurrence) -> Iterator[Expr]:
    node = place.node
    elements = [e for e in candidates.at(place.scope) if isinstance(e, Ref)]
    for scalar in (e for e in elements if not e.indices):  # lam * W[m], what a penalty leaves
        yield from (mul(scalar, e) for e in elements if e.indices)
    for letter in sorted(node.free):
        other = context.fresh(context.of.get(letter, letter), node.letters | set(place.scope))
        along = {letter: Affine.of(other)}
        arrays = [e for e in candidates.at(place.scope) if isinstance(e, Ref) and letter in e.free]
        for operation in ("mean", "sum"):
            yield Reduce(operation, (other,), node.rename(along))
            for z in arrays:
                yield Reduce(operation, (other,), mul(node, z).rename(along))
                yield mul(z, Reduce(operation, (other,), mul(node, z).rename(along)))
