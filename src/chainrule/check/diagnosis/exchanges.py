"""Edits that exchange what is there: an order for its reverse, and factors, names or places for one another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice
from typing import Any

from chainrule.check.diagnosis.source_edits import Edit, Function, list_places, may_hold_more

MOST_PLACES = 12  # that are read elsewhere


def list_flips(function: Function) -> list[ast.Subscript]:
    """Return the arrays that a function turns round, each way of doing so once: `a[:, ::-1]`."""
    turned = [n for n in ast.walk(function) if isinstance(n, ast.Subscript) and _is_flip(n)]
    return list({ast.unparse(each.slice): each for each in turned}.values())


def _is_flip(node: ast.Subscript) -> bool:
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    steps = [ast.unparse(each.step) for each in parts if isinstance(each, ast.Slice) and each.step]
    return steps == ["-1"]


def flip(parent: Any, field: str, node: Any, flips: list[ast.Subscript]) -> Iterator[Any]:
    """Yield an array turned round as others are there, and one as it comes that is turned round."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_flip(node):
        yield node.value
    is_given = isinstance(parent, ast.Call) and field == "args"
    if (is_given and isinstance(node, ast.Name | ast.Attribute)) or may_hold_more(parent, field, node):
        yield from (ast.Subscript(node, each.slice, ast.Load()) for each in flips if node is not each)


def turn_loops(parent: Any, field: str, node: Any) -> Iterator[Any]:
    """Yield a loop that goes backwards, for one that goes forwards."""
    if isinstance(parent, ast.For) and field == "iter" and getattr(getattr(node, "func", None), "id", "") == "range":
        yield ast.Call(ast.Name("reversed", ast.Load()), [node], [])


def cross(node: Any) -> Iterator[Any]:
    """Yield `b * x + a * y` for `a * x + b * y`."""
    sides: tuple[Any, ...] = (
        (node.left, node.right) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) else ()
    )
    if sides and all(isinstance(each, ast.BinOp) and isinstance(each.op, ast.Mult) for each in sides):
        one, other = sides
        left, right = (ast.BinOp(a, ast.Mult(), b) for a, b in ((other.left, one.right), (one.left, other.right)))
        yield ast.BinOp(left, node.op, right)


def unpack(node: Any) -> Iterator[Any]:
    """Yield two names that are given the other way round: `b, a = …`."""
    if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store) and len(node.elts) == 2:
        yield ast.Tuple(node.elts[::-1], ast.Store())


def index_elsewhere(node: Any, function: Function) -> Iterator[Any]:
    """Yield an element at another place that is read elsewhere: `x[index[k]]` for `x[k]`."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        places = {ast.dump(e.slice): e.slice for e in ast.walk(function) if isinstance(e, ast.Subscript)}
        others = (each for text, each in places.items() if text != ast.dump(node.slice))
        yield from (ast.Subscript(node.value, each, node.ctx) for each in islice(others, MOST_PLACES))


def rename(statement: Any, names: list[str]) -> Iterator[Edit]:
    """Yield another name in place of one that a statement reads more than once, everywhere in it."""
    whole: Any = ast.Module([statement], [])
    held: dict[str, list[tuple[Any, str, int | None]]] = {}
    for parent, field, place, node in list_places(whole):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
            held.setdefault(node.id, []).append((parent, field, place))
    for name, (first, *others) in ((n, places) for n, places in held.items() if len(places) > 1):
        for new in (ast.Name(other, ast.Load()) for other in names if other != name):
            yield Edit(*first, new, tuple(Edit(*each, new) for each in others))
