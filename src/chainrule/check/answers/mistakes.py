"""An expression taken apart and changed in one place: what a person may have written in its stead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations, product

from chainrule.derive import show
from chainrule.derive.language.expressions import Add, Div, Expr, Mul, Neg, Pow, Reduce, add, mul, neg, num
from chainrule.derive.language.occurrences import occurrences
from chainrule.derive.language.subscripts import Affine

LETTERS = "tuvwpqr"  # for an index that a change brings in
Join = Callable[[Sequence[Expr]], Expr]


@dataclass(frozen=True, eq=False)
class Mistake:
    """A changed expression, what was changed in words, and which index each new letter runs like."""

    node: Expr
    words: str
    fresh: Mapping[str, str] = field(default_factory=dict)


def split_terms(node: Expr) -> Iterator[tuple[Expr, Join]]:
    """Yield the terms of the outermost sum, each with the function that puts terms where the sum stands."""
    if isinstance(node, Add):
        yield from ((term, lambda terms: add(*terms)) for term in node.terms)
        return
    inner = _linear_child(node)
    if inner is None:
        yield node, lambda terms: add(*terms)
        return
    place = next(k for k, child in enumerate(node.children) if child is inner)
    for term, join in split_terms(inner):
        yield term, _around(node, place, join)


def _around(node: Expr, place: int, join: Join) -> Join:
    return lambda terms: node.rebuild((*node.children[:place], join(terms), *node.children[place + 1 :]))


def _linear_child(node: Expr) -> Expr | None:
    """Return the part of a node in which it is linear and that holds a sum, None where there is none."""
    if isinstance(node, Neg | Div):
        inside: tuple[Expr, ...] = node.children[:1]
    elif isinstance(node, Mul):
        inside = node.factors
    else:
        inside = (node.body,) if isinstance(node, Reduce) and node.operation in ("sum", "mean") else ()
    return next((child for child in inside if isinstance(child, Add) or _linear_child(child) is not None), None)


def list_mistakes(node: Expr, letters: tuple[str, ...]) -> Iterator[Mistake]:
    """Yield every single change of an expression, those of its parts included."""
    for part in occurrences(node):
        for change in _change_here(part.node, letters):
            yield replace(change, node=part.put(change.node))


def _change_here(node: Expr, letters: tuple[str, ...]) -> Iterator[Mistake]:
    if isinstance(node, Mul):
        for k, factor in enumerate(node.factors):
            yield Mistake(mul(*node.factors[:k], *node.factors[k + 1 :]), f"the factor {show(factor)} is missing")
            yield Mistake(mul(*node.factors, factor), f"the factor {show(factor)} stands twice")
    elif isinstance(node, Div):
        above, below = node.numerator, node.denominator
        yield Mistake(above, f"the divisor {show(below)} is missing")
        yield Mistake(Div(above, mul(below, below)), f"it is divided by {show(below)} twice")
        yield Mistake(mul(above, below), f"it is multiplied by {show(below)} where it should be divided")
    elif isinstance(node, Neg):
        yield Mistake(node.argument, f"the minus sign of {show(node)} is missing")
    elif isinstance(node, Add):
        for k, term in enumerate(node.terms):
            yield Mistake(add(*node.terms[:k], *node.terms[k + 1 :]), f"the term {show(term)} is missing")
            yield Mistake(
                add(*node.terms[:k], neg(term), *node.terms[k + 1 :]), f"the term {show(term)} has the wrong sign"
            )
    elif isinstance(node, Pow):
        for by, words in ((-1, "small"), (1, "large")):
            yield Mistake(Pow(node.base, add(node.exponent, num(by))), f"the exponent of {show(node)} is 1 too {words}")
    elif isinstance(node, Reduce) and node.operation in ("sum", "mean"):
        yield from _change_reduction(node, letters)
    yield from _multiply_matrices(node)


def _multiply_matrices(node: Expr) -> Iterator[Mistake]:
    """Yield the matrix products that may stand for a product entry by entry, or for its sum over an index."""
    body = node.body if isinstance(node, Reduce) and node.operation == "sum" else node
    if not isinstance(body, Mul) or len(body.free) != 2:
        return
    new = next(letter for letter in LETTERS if letter not in node.letters)
    for k, (a, b) in product(range(len(body.factors)), permutations(sorted(body.free))):
        left, right = body.factors[k], mul(*body.factors[:k], *body.factors[k + 1 :])
        words = f"the matrices of {show(left)} and {show(right)} are multiplied, where entries should be"
        turned = right.rename({a: Affine.of(new)})
        yield Mistake(Reduce("sum", (b,), mul(left, turned)), words, {new: a})
        yield Mistake(Reduce("sum", (new,), mul(left.rename({b: Affine.of(new)}), turned)), words, {new: b})


def _change_reduction(node: Reduce, letters: tuple[str, ...]) -> Iterator[Mistake]:
    other = "mean" if node.operation == "sum" else "sum"
    yield Mistake(
        Reduce(other, node.indices, node.body),
        f"a {other} over {','.join(node.indices)} is taken, not a {node.operation}",
    )
    for k, index in enumerate(node.indices):
        rest = (*node.indices[:k], *node.indices[k + 1 :])
        left = Reduce(node.operation, rest, node.body) if rest else node.body
        yield Mistake(left, f"the {node.operation} over {index} is missing")
        for letter in letters:
            alone = left.rename({index: Affine.of(letter)})
            yield Mistake(
                alone, f"the {node.operation} over {index} is missing, of which {index} = {letter} alone is left"
            )
    new = next(letter for letter in LETTERS if letter not in node.letters)
    for letter in (letter for letter in letters if letter in node.free):
        body = node.body.rename({letter: Affine.of(new)})
        words = f"the {node.operation} runs over all {new} as well, not over {new} = {letter} alone"
        yield Mistake(Reduce(node.operation, (new, *node.indices), body), words, {new: letter})
