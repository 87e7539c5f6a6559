"""Edits that exchange what is there: an order for its reverse, and factors, names or places for one another."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from itertools import islice, permutations
from typing import Any

from chainrule.check.diagnosis.source_edits import Edit, Function, list_places, may_hold_more

MOST_PLACES = 12  # that are read elsewhere
MOST_AXES, STRIDES = 4, (2, 3)


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
    """Yield a name in place of another, or of an expression, everywhere in a statement that reads it more than once."""
    whole: Any = ast.Module([statement], [])
    held: dict[str, list[tuple[Any, str, int | None]]] = {}
    for parent, field, place, node in list_places(whole):
        if isinstance(node, ast.BinOp) or (_is_read(node) and node.id in names):
            held.setdefault(ast.unparse(node), []).append((parent, field, place))
    for text, (first, *others) in ((n, places) for n, places in held.items() if len(places) > 1):
        for new in (ast.Name(other, ast.Load()) for other in names if other != text):
            yield Edit(*first, new, tuple(Edit(*each, new) for each in others))


def _is_read(node: Any) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def reorder(function: Function) -> Iterator[Edit]:
    """Yield two neighbouring statements that assign, call or add, the other way round."""
    for parent in ast.walk(function):
        body: Any = getattr(parent, "body", None)
        for k in range(len(body) - 1) if isinstance(body, list) else ():
            if all(isinstance(each, ast.Assign | ast.AugAssign | ast.Expr) for each in body[k : k + 2]):
                yield Edit(parent, "body", None, [*body[:k], body[k + 1], body[k], *body[k + 2 :]])


def stride(node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield two places that are strides apart: `(i * s, j * s)` for `(i, j)`, `x[i * 2 + a, …]` for `x[i + a, …]`."""
    if not isinstance(node, ast.Tuple) or not isinstance(node.ctx, ast.Load):
        return
    sums = [e for e in node.elts if isinstance(e, ast.BinOp) and isinstance(e.op, ast.Add) and _is_read(e.left)]
    moved: list[Any] = sums or [each for each in node.elts if _is_read(each)]
    for by in (*map(ast.Constant, STRIDES), *own) if len(moved) == 2 else ():
        yield ast.Tuple([_stride(each, by) if each in moved else each for each in node.elts], ast.Load())


def _stride(node: Any, by: Any) -> Any:
    """Return a loop's variable, or the one that a sum begins with, times a stride."""
    if isinstance(node, ast.Name):
        return ast.BinOp(node, ast.Mult(), by)
    return ast.BinOp(ast.BinOp(node.left, ast.Mult(), by), ast.Add(), node.right)


def substitute(parent: Any, field: str, node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield what is at hand in place of a number that is added, of a factor that is computed, or of another size.

    `logp + H[:, None]` for `logp + 1`, `a * self.c` for `a / sqrt(d)`, `M = x.shape[0]` for `M = N`, and a sum over
    what is counted, `g.sum(1) / n`, for a mean.
    """
    is_term = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub)
    if isinstance(node, ast.Constant) and is_term:
        spread = ast.Tuple([ast.Slice(), ast.Constant(None)], ast.Load())
        yield from (new for each in own for new in (each, ast.Subscript(each, spread, ast.Load())))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div) and isinstance(node.right, ast.Call):
        yield from (ast.BinOp(node.left, op, each) for each in own for op in (ast.Mult(), ast.Div()))
    if isinstance(parent, ast.Assign) and field == "value" and _is_read(node):
        shapes = (ast.Attribute(each, "shape", ast.Load()) for each in own)
        yield from (ast.Subscript(shape, ast.Constant(k), ast.Load()) for shape in shapes for k in range(MOST_AXES))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "mean":
        total = ast.Call(ast.Attribute(node.func.value, "sum", ast.Load()), node.args, node.keywords)
        yield from (ast.BinOp(total, ast.Div(), each) for each in own)


def use_again(node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield a product of matrices with another beside it: what is used twice has two parts, `x.T @ da + dr.T @ h`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        for a, b in permutations(own, 2):
            turned = ast.Attribute(a, "T", ast.Load())
            yield ast.BinOp(node, ast.Add(), ast.BinOp(turned, ast.MatMult(), b))


def spare_first(statement: Any, slices: Sequence[Any]) -> Iterator[Any]:
    """Yield `a[1:] = a[1:] + c * w[1:]` for `a = a + c * w`: a bias that stands first is not penalized.

    `slices` are those that the file has elsewhere.
    """
    value = getattr(statement, "value", None)
    if not isinstance(statement, ast.Assign) or not isinstance(value, ast.BinOp) or not _is_read(value.left):
        return
    (target, *_), left = statement.targets, value.left
    if not isinstance(target, ast.Name) or target.id != left.id:  # type: ignore[attr-defined]
        return
    for part in slices:
        for name in {each.id for each in ast.walk(value.right) if isinstance(each, ast.Name)}:
            term = _Cut(name, part).visit(copy.deepcopy(value.right))
            rest = ast.BinOp(ast.Subscript(left, part, ast.Load()), value.op, term)
            yield ast.Assign([ast.Subscript(ast.Name(target.id, ast.Load()), part, ast.Store())], rest)


class _Cut(ast.NodeTransformer):
    """Puts a part of an array wherever its name is read."""

    def __init__(self, name: str, part: Any) -> None:
        self.name, self.part = name, part

    def visit_Name(self, node: ast.Name) -> Any:
        """Return the part of it."""
        return ast.Subscript(node, self.part, ast.Load()) if node.id == self.name else node
