"""The axes that a function's source names: where, and what else they may be."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

AXES = {0, 1, 2, 3}
KEEPING = {"axis": "keepdims", "dim": "keepdim"}  # NumPy's words, and PyTorch's
Place = tuple[Any, str, int | None, Any]  # a parent, its field, the place in the list there, and the node


def list_alike(places: Iterable[Place]) -> Iterator[list[Place]]:
    """Yield the places at which the same axes are named more than once, together."""
    groups: dict[str, list[Place]] = {}
    for each in places:
        if _names_an_axis(*each):
            groups.setdefault(ast.dump(each[-1]), []).append(each)
    yield from (group for group in groups.values() if len(group) > 1)


def list_other_axes(node: Any) -> Iterator[Any]:
    """Yield a tuple of axes with one of them left out, and with one more."""
    if _is_axes(node):
        members = [element.value for element in node.elts]
        fewer = [members[:k] + members[k + 1 :] for k in range(len(members))]
        for axes in (*fewer, *(sorted([*members, more]) for more in AXES - set(members))):
            yield ast.Tuple([ast.Constant(axis) for axis in axes], ast.Load())


def list_kept_axes(node: Any) -> Iterator[Any]:
    """Yield a sum, mean or the like over an axis that stays, with size 1, in place of one that goes."""
    words = {keyword.arg for keyword in node.keywords} if isinstance(node, ast.Call) else set()
    named = next((own for word, own in KEEPING.items() if word in words), "")
    if named and not words & set(KEEPING.values()):
        kept = ast.keyword(named, ast.Constant(True))
        yield ast.Call(node.func, node.args, [*node.keywords, kept])


def _names_an_axis(parent: Any, field: str, place: int | None, node: Any) -> bool:
    """Whether a node says over which axes something is taken: axis=1, dim=(0, 2), the argument of x.mean((0, 2))."""
    if isinstance(parent, ast.keyword):
        return parent.arg in KEEPING
    return isinstance(parent, ast.Call) and field == "args" and (_is_axes(node) or isinstance(node, ast.Constant))


def _is_axes(node: Any) -> bool:
    elements = node.elts if isinstance(node, ast.Tuple) else ()
    return len(elements) > 1 and all(isinstance(e, ast.Constant) and type(e.value) is int for e in elements)
