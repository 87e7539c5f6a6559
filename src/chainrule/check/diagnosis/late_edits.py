"""Single edits that are tried where no shorter ones explain a gradient: what people forget, misplace or group wrongly.

Parentheses, a factor or a term that is missing, a shift of two indices, a crop, an order of axes, what is added up at
repeated places, and a softmax's sum.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

from chainrule.check.diagnosis.exchanges import (
    cross,
    flip,
    index_elsewhere,
    list_flips,
    rename,
    reorder,
    spare_first,
    stride,
    substitute,
    turn_loops,
    unpack,
    use_again,
)
from chainrule.check.diagnosis.source_edits import Edit, Function, find_owner, list_places, list_values, may_hold_more

PADS = ("p", "pad", "padding", "ph", "pw")
PRODUCTS = ("outer", "dot", "matmul", "mm")
ADDED = {"scatter_": "scatter_add_", "scatter": "scatter_add", "index_copy_": "index_add_"}
LIBRARIES = ("np", "numpy", "jnp", "torch")
TURNED = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))  # ::-1
AXES = ("axis", "dim")
REST = ast.Slice(ast.Constant(1))  # 1:
PARTS = (REST, ast.Tuple([ast.Slice(), REST], ast.Load()))
FEW_AXES = 4  # of which every order is tried


def list_late_edits(function: Function, attributes: frozenset[str]) -> Iterator[Edit]:
    """Yield the edits of what a function computes, the likeliest first; `attributes` are those of self in its class."""
    places, names, own = list(list_places(function)), list_values(function), _list_own(function, attributes)
    loops = [node.target.id for node in ast.walk(function) if isinstance(node, ast.For) and _is_name(node.target)]  # type: ignore[attr-defined]
    reductions, flips = _list_reductions(function), list_flips(function)
    for parent, field, place, node in places:
        others = (*_grouped(node), *_moved(node), *_turned(node), *_axes(node), *_shifted(node, loops), *_summed(node))
        more = (
            *_crops(node, own),
            *_sizes(node, own),
            *_powers(node, own),
            *_reduced(node, names, reductions, own),
            *_divisors(node, own),
        )
        told = (
            *turn_loops(parent, field, node),
            *_counted(parent, field, node, names),
            *flip(parent, field, node, flips),
            *cross(node),
        )
        yield from (Edit(parent, field, place, new) for new in (*others, *more, *told))
    for operator in (ast.Mult(), ast.Add()):
        for parent, field, place, node in places:
            if may_hold_more(parent, field, node):
                yield from (Edit(parent, field, place, ast.BinOp(node, operator, each)) for each in own)
    for statement in [node for node in ast.walk(function) if isinstance(node, ast.Assign | ast.AugAssign | ast.Return)]:
        yield from rename(statement, names)
    yield from reorder(function)
    for parent, field, place, node in places:
        moved = (*index_elsewhere(node, function), *unpack(node), *stride(node, own))
        yield from (Edit(parent, field, place, new) for new in (*moved, *spare_first(node, PARTS)))


def list_long_edits(function: Function, attributes: frozenset[str]) -> Iterator[Edit]:
    """Yield edits of which there are many: factors within calls and of other forms, and whole terms."""
    places, own = list(list_places(function)), _list_own(function, attributes)
    for parent, field, place, node in places:
        if isinstance(parent, ast.Call) and field == "args" and isinstance(node, ast.Name | ast.BinOp):
            yield from (Edit(parent, field, place, ast.BinOp(node, ast.Mult(), each)) for each in own)
        yield from (Edit(parent, field, place, new) for new in substitute(parent, field, node, own))
    slopes = [slope for value in (*_list_elements(function), *own) for slope in _list_slopes(value)]
    for parent, field, place, node in places:
        if may_hold_more(parent, field, node):
            yield from (Edit(parent, field, place, ast.BinOp(node, ast.Mult(), slope)) for slope in slopes)
            yield from (Edit(parent, field, place, _through_softmax(p, node)) for p in own)
    for parent, field, place, node in places:
        if may_hold_more(parent, field, node):
            yield from (Edit(parent, field, place, new) for new in (*use_again(node, own), *_with_terms(node, own)))


def _list_own(function: Function, attributes: frozenset[str]) -> list[Any]:
    """Return what is at hand in a function: the names that it is given or assigns, and what its object keeps."""
    owner = ast.Name(find_owner(function), ast.Load())
    kept = [ast.Attribute(owner, each, ast.Load()) for each in sorted(attributes)]
    return [*(ast.Name(name, ast.Load()) for name in list_values(function)), *kept]


def _is_name(node: Any) -> bool:
    return isinstance(node, ast.Name)


def _grouped(node: Any) -> Iterator[Any]:
    """Yield `a * (b + c)` for `a * b + c`, `x ** (n - 1)` for `x ** n - 1`, `(a - b) / c`, and `a / (b * c)`."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.left, ast.BinOp):
        return
    inner = node.left
    if isinstance(node.op, ast.Add | ast.Sub) and isinstance(inner.op, ast.Mult | ast.Pow | ast.Div):
        yield ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, node.op, node.right))
        if isinstance(inner.right, ast.BinOp) and isinstance(inner.right.op, ast.Pow):
            power = ast.BinOp(inner.right.right, node.op, node.right)
            yield ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right.left, ast.Pow(), power))
    if isinstance(node.op, ast.Mult | ast.Div) and isinstance(inner.op, ast.Div):
        yield ast.BinOp(inner.left, inner.op, ast.BinOp(inner.right, ast.Mult(), node.right))


def _moved(node: Any) -> Iterator[Any]:
    """Yield a product of two in which a factor of the one stands beside the other: `outer(a * c, b)`."""
    is_call = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in PRODUCTS and len(node.args) == 2
    if is_call:
        pairs = _exchange(node.args[0], node.args[1])
        yield from (ast.Call(node.func, [*pair], node.keywords) for pair in pairs)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield from (ast.BinOp(left, node.op, right) for left, right in _exchange(node.left, node.right))


def _exchange(left: Any, right: Any) -> Iterator[tuple[Any, Any]]:
    for one, other, is_first in ((left, right, True), (right, left, False)):
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mult | ast.Div):
            pair = one.left, ast.BinOp(other, one.op, one.right)
            yield pair if is_first else pair[::-1]


def _turned(node: Any) -> Iterator[Any]:
    """Yield `a.T.dot(b)` and `a.dot(b.T)` for `a.dot(b)`; and products whose last two axes are exchanged."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PRODUCTS[1:]:
        turned = ast.Attribute(node.func.value, "T", ast.Load())
        if len(node.args) == 1:
            yield ast.Call(ast.Attribute(turned, node.func.attr, ast.Load()), node.args, [])
            yield ast.Call(node.func, [ast.Attribute(node.args[0], "T", ast.Load())], [])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield ast.BinOp(_swap(node.left), node.op, node.right)
        yield ast.BinOp(node.left, node.op, _swap(node.right))


def _swap(node: Any) -> Any:
    return ast.Call(ast.Attribute(node, "swapaxes", ast.Load()), [ast.Constant(-1), ast.Constant(-2)], [])


def _axes(node: Any) -> Iterator[Any]:
    """Yield axes in another order: any of a few, or two of many exchanged."""
    if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") not in ("transpose", "permute"):
        return
    axes: list[Any] = [each.value for each in node.args if isinstance(each, ast.Constant)]
    if len(axes) < len(node.args) or sorted(axes) != list(range(len(axes))):
        return
    for a, b in sorted(combinations(range(len(axes)), 2), key=lambda pair: pair[1] - pair[0]):  # neighbours first
        order = list(axes)
        order[a], order[b] = order[b], order[a]
        yield ast.Call(node.func, [*map(ast.Constant, order)], [])
    for other in permutations(axes) if len(axes) <= FEW_AXES else ():
        yield ast.Call(node.func, [*map(ast.Constant, other)], [])


def _shifted(node: Any, loops: list[str]) -> Iterator[Any]:
    """Yield an element whose last two indices are moved: by 1, or by the variables of two loops."""
    index = node.slice if isinstance(node, ast.Subscript) else None
    if not isinstance(index, ast.Tuple) or len(index.elts) < 2 or not all(map(_is_name, index.elts[-2:])):
        return
    taken: set[str] = {each.id for each in index.elts[-2:]}  # type: ignore[attr-defined]
    free = [ast.Name(name, ast.Load()) for name in dict.fromkeys(loops) if name not in taken]
    pairs: list[tuple[Any, Any, ast.operator]] = [
        (ast.Constant(1), ast.Constant(1), op) for op in (ast.Add(), ast.Sub())
    ]
    pairs += [(a, b, ast.Add()) for a, b in permutations(free, 2)]
    for a, b, operator in pairs:
        moved = [ast.BinOp(each, operator, by) for each, by in zip(index.elts[-2:], (a, b), strict=True)]
        yield ast.Subscript(node.value, ast.Tuple([*index.elts[:-2], *moved], ast.Load()), node.ctx)


def _summed(node: Any) -> Iterator[Any]:
    """Yield what adds up at repeated places, and a softmax's `p * (d - Σ p d)` for `p * d`."""
    is_added = isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add)
    target = node.target if is_added else node.targets[0] if isinstance(node, ast.Assign) else None
    if isinstance(target, ast.Subscript):
        add = ast.Attribute(ast.Attribute(ast.Name("np", ast.Load()), "add", ast.Load()), "at", ast.Load())
        yield ast.Expr(ast.Call(add, [copy.deepcopy(target.value), target.slice, node.value], []))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "cumsum":
        yield from _from_the_end(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ADDED:
        yield ast.Call(ast.Attribute(node.func.value, ADDED[node.func.attr], ast.Load()), node.args, node.keywords)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from (_through_softmax(p, d) for p, d in ((node.left, node.right), (node.right, node.left)))


def _list_reductions(function: Function) -> list[Any]:
    """Return the sums and means that a function takes, each way of calling them once."""
    calls = [node for node in ast.walk(function) if _is_reduction(node)]
    return list({ast.unparse(_reduce(call, ast.Name("a", ast.Load()))): call for call in calls}.values())


def _is_reduction(node: Any) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean")


def _reduce(call: Any, node: Any) -> Any:
    """Return the sum of a node, taken as a call takes that of another: `a.sum(axis=0)` or `np.sum(a, axis=0)`."""
    if isinstance(call.func.value, ast.Name) and call.func.value.id in LIBRARIES:
        return ast.Call(call.func, [node, *call.args[1:]], call.keywords)
    return ast.Call(ast.Attribute(node, call.func.attr, ast.Load()), call.args, call.keywords)


def _reduced(node: Any, names: list[str], reductions: list[Any], own: list[Any]) -> Iterator[Any]:
    """Yield a sum that is taken elsewhere of what is there; and a sum with one more factor within."""
    if isinstance(node, ast.BinOp | ast.UnaryOp) or (_is_name(node) and node.id in names):
        yield from (_reduce(call, node) for call in reductions if not any(node is each for each in ast.walk(call)))
    if _is_reduction(node):
        is_function = isinstance(node.func.value, ast.Name) and node.func.value.id in LIBRARIES
        summed = node.args[0] if is_function and node.args else node.func.value
        yield from (_reduce(node, ast.BinOp(summed, ast.Mult(), each)) for each in own)


def _counted(parent: Any, field: str, node: Any, names: list[str]) -> Iterator[Any]:
    """Yield the sum along the rows of an array in place of a number that is put somewhere, added or taken away."""
    is_stated = isinstance(parent, ast.AugAssign | ast.Assign) and field == "value"
    if isinstance(node, ast.Constant) and (is_stated or isinstance(parent, ast.UnaryOp)):
        for name in names:
            total = ast.Attribute(ast.Name(name, ast.Load()), "sum", ast.Load())
            yield ast.Call(total, [], [ast.keyword("axis", ast.Constant(1))])


def _list_elements(function: Function) -> list[Any]:
    """Return the elements that a function reads, each once: `self.a[k]`."""
    elements = [n for n in ast.walk(function) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Load)]
    return list({ast.unparse(each): each for each in elements}.values())


def _list_slopes(y: Any) -> Iterator[Any]:
    """Yield the derivatives of tanh, sigmoid and ReLU as formulas of their output: 1 − y², y (1 − y), y > 0."""
    yield ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(y, ast.Pow(), ast.Constant(2)))
    yield ast.BinOp(y, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Sub(), y))
    yield ast.Compare(y, [ast.Gt()], [ast.Constant(0)])


def _with_terms(node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield a sum with, and a difference from, one more term: a product or a quotient of two that are at hand."""
    products = ((a, ast.Mult(), b) for a, b in combinations(own, 2))
    quotients = ((a, ast.Div(), b) for a, b in permutations(own, 2))
    for a, operator, b in (*quotients, *products):
        term = ast.BinOp(a, operator, b)
        yield ast.BinOp(term, ast.Sub(), node)
        yield ast.BinOp(term, ast.Add(), node)


def _from_the_end(node: Any) -> Iterator[Any]:
    """Yield sums from the other end: `a.flip(-1).cumsum(-1).flip(-1)`, and the same of an array of NumPy's."""
    turns: tuple[Any, ...] = (
        lambda a: ast.Call(ast.Attribute(a, "flip", ast.Load()), [*node.args], node.keywords),
        lambda a: ast.Subscript(a, ast.Tuple([ast.Constant(...), TURNED], ast.Load()), ast.Load()),
    )
    for turn in turns:
        yield turn(ast.Call(ast.Attribute(turn(node.func.value), "cumsum", ast.Load()), node.args, node.keywords))


def _through_softmax(p: Any, d: Any) -> Any:
    """Return what a softmax p sends back of d: `p * (d - (p * d).sum(-1, keepdims=True))`."""
    total = ast.Attribute(ast.BinOp(p, ast.Mult(), d), "sum", ast.Load())
    kept = [ast.keyword("keepdims", ast.Constant(True))]
    return ast.BinOp(p, ast.Mult(), ast.BinOp(d, ast.Sub(), ast.Call(total, [ast.Constant(-1)], kept)))


def _crops(node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield `a[:, p:p + n]` for `a[:, :n]` where something is called like a padding, and every k-th for the first n."""
    index = node.slice if isinstance(node, ast.Subscript) else None
    parts: list[Any] = index.elts if isinstance(index, ast.Tuple) else [index]
    ends = [each for each in parts if isinstance(each, ast.Slice) and each.lower is each.step is None and each.upper]
    for by in own if ends else ():
        name = _say_last(by)
        if name in PADS:
            moved = [ast.Slice(by, ast.BinOp(by, ast.Add(), e.upper)) if e in ends else e for e in parts]
        elif len(ends) == 1 and not name.startswith(("d", "W", "X")):
            moved = [ast.Slice(None, None, by) if e in ends else e for e in parts]
        else:
            continue
        yield ast.Subscript(node.value, ast.Tuple(moved, ast.Load()) if moved[1:] else moved[0], node.ctx)


def _sizes(node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield what is kept in place of a size, its sum, as of a mask or of weights, and the size of an axis kept."""
    is_of_axis = isinstance(node, ast.Subscript) and getattr(node.value, "attr", "") == "shape"
    is_size = is_of_axis or (isinstance(node, ast.Attribute) and node.attr == "size")
    if is_size or (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "len"):
        yield from own
        yield from (ast.Call(ast.Attribute(each, "sum", ast.Load()), [], []) for each in own)
    if is_of_axis:
        yield from (ast.Subscript(node.value, each, node.ctx) for each in own if _say_last(each) in AXES)


def _say_last(name: Any) -> str:
    return name.id if _is_name(name) else str(name.attr)


def _powers(node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield a power with what is kept, and with 1 less than that, in place of a number or of none as the exponent."""
    has_number = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant)
    if has_number or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)):
        base = node.left if has_number else node
        for each in own:
            yield ast.BinOp(base, ast.Pow(), ast.BinOp(each, ast.Sub(), ast.Constant(1)))
            yield ast.BinOp(base, ast.Pow(), each)


def _divisors(node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield a quotient by what is less, or more, by something that is kept: by `n - ddof` for `n`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        for each in own:
            for operator in (ast.Sub(), ast.Add()):
                yield ast.BinOp(node.left, node.op, ast.BinOp(node.right, operator, each))
