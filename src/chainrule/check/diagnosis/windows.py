"""Windows that are cut out of an array, `x[:, i:i + k]`: as another line cuts them, and moved by a stride."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

STRIDES = {"s", "S", "stride", "strides", "step", "stride_h", "stride_w"}


def find_windows(nodes: Iterable[Any]) -> list[Any]:
    """Return the indices of the windows among nodes."""
    return [node.slice for node in nodes if _is_window(node)]


def find_strides(own: Iterable[Any]) -> list[Any]:
    """Return what is called like a stride, of names and attributes."""
    return [node for node in own if (node.id if isinstance(node, ast.Name) else node.attr) in STRIDES]


def _is_window(node: Any) -> bool:
    """Whether something is cut out of an array from one place on: `x[:, i:i + k]`."""
    each = node.slice.elts if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple) else []
    return any(isinstance(part, ast.Slice) and part.lower and part.upper for part in each)


def list_windows(node: Any, windows: Sequence[Any], strides: Sequence[Any]) -> Iterator[Any]:
    """Yield what another window of the function cuts out, and one that moves by a stride, or by none."""
    if not _is_window(node):
        return
    yield from (ast.Subscript(node.value, other, node.ctx) for other in windows)
    for stride in strides:
        spread = [_with_stride(part, stride) for part in node.slice.elts]
        yield ast.Subscript(node.value, ast.Tuple(spread, ast.Load()), node.ctx)


def _with_stride(part: Any, stride: Any) -> Any:
    """Return `i * s:i * s + k` for `i:i + k`."""
    start = part.lower if isinstance(part, ast.Slice) else None
    if not isinstance(start, ast.Name) or not isinstance(part.upper, ast.BinOp):
        return part
    moved = ast.BinOp(start, ast.Mult(), stride)
    end = ast.BinOp(moved, part.upper.op, part.upper.right)
    return ast.Slice(moved, end) if ast.dump(part.upper.left) == ast.dump(start) else part
