"""Single edits of a function's source: a name, a sign, an index, an operator, a factor, each another one."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from chainrule.check.diagnosis.axes import list_alike, list_kept_axes, list_other_axes
from chainrule.check.diagnosis.windows import find_strides, find_windows, list_windows

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.MatMult),
    ast.Div: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.Lt, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
}  # fmt: skip
FUNCTIONS = {  # by the last part of their names
    "sum": ("mean",), "mean": ("sum",), "sin": ("cos",), "cos": ("sin",), "exp": ("log", "expm1"),
    "log": ("exp", "log1p"),
    "tanh": ("cosh",), "max": ("min",), "min": ("max",), "argmax": ("argmin",), "maximum": ("minimum",),
    "minimum": ("maximum",), "zeros_like": ("ones_like",), "ones_like": ("zeros_like",), "sqrt": ("square",),
    "square": ("sqrt",), "zeros": ("ones",), "outer": ("dot",), "abs": ("sign",),
}  # fmt: skip
TURNS = {"t": (0,), "transpose": (0, 2), "swapaxes": (2,)}  # methods that transpose, and of how many arguments
HOLDERS = ("self", "ctx", "cls", "np", "numpy", "torch", "F", "jnp", "jax", "math")
BUILT_IN = ("len", "range", "reversed", "enumerate", "list", "tuple", "sorted", "print", "int", "float", "zip", "super")
OWNERS = ("self", "ctx")
SMALL = (1, 2, 3, 4)  # whole numbers whose double and reciprocal are tried too
LARGEST = 9  # whole number whose neighbours are tried
Function = ast.FunctionDef | ast.AsyncFunctionDef
Turn = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Edit:
    """Another node in place of one: that of `field` of `parent`, or the one at `place` in the list there.

    `alike` are edits of nodes that read the same, elsewhere in the function.
    """

    parent: Any
    field: str
    place: int | None
    new: Any
    alike: tuple[Edit, ...] = ()

    @contextmanager
    def made(self) -> Iterator[Any]:
        """Have the other node there, and wherever it is alike, within; yields what was."""
        every = (self, *self.alike)
        before = [each._swap(self.new) for each in every]
        try:
            yield before[0]
        finally:
            for each, old in zip(every, before, strict=True):
                each._swap(old)

    def _swap(self, node: Any) -> Any:
        held = getattr(self.parent, self.field)
        if self.place is None:
            setattr(self.parent, self.field, node)
            return held
        old, held[self.place] = held[self.place], node
        return old


def list_edits(function: Function, attributes: frozenset[str]) -> Iterator[Edit]:
    """Yield the edits of what a function computes, the likeliest first; `attributes` are those of self in its class."""
    places, owner = list(list_places(function)), find_owner(function)
    kept = [ast.Attribute(ast.Name(owner, ast.Load()), each, ast.Load()) for each in sorted(attributes)]
    names, turn = list_values(function), _find_transposition(function)

    def transposes(node: Any) -> Iterator[Any]:
        return _transposes(node, turn)

    own = [*(ast.Name(name, ast.Load()) for name in names), *kept]
    others, strides = find_windows(node for *_, node in places), find_strides(own)

    def windows(node: Any) -> Iterator[Any]:
        return list_windows(node, others, strides)

    kinds = (
        _operators, _signs, _constants, list_other_axes, list_kept_axes, _exponents, _indices, windows, _order,
        transposes, _assignments, _calls, _parts,
    )  # fmt: skip
    constants: list[Any] = [node.value for *_, node in places if isinstance(node, ast.Constant)]
    numbers = sorted({value for value in constants if type(value) in (int, float)})
    functions, taken = _list_functions(function), {argument.arg for argument in function.args.args}
    kept_numbers = [each for each in own if not (isinstance(each, ast.Name) and each.id in taken)]
    with_names = (
        _beside,
        lambda node: _bounds(node, kept_numbers),
        lambda node: _others(node, names, attributes),
        lambda node: _applied(node, functions),
        lambda node: _other_constants(node, numbers),
    )
    for find in (*kinds, *with_names):
        for parent, field, place, node in places:
            if find is not _signs or _may_be_negated(parent, field):
                yield from (Edit(parent, field, place, new) for new in find(node) if not _is_idle(parent, node, new))
    for (parent, field, place, node), *others in list_alike(places):
        for new in (*list_other_axes(node), *_constants(node)):
            yield Edit(parent, field, place, new, tuple(Edit(p, f, k, new) for p, f, k, _ in others))
    for parent, field, place, node in places:
        if may_hold_more(parent, field, node):
            yield from (Edit(parent, field, place, new) for new in _with_factors(node, own))


def find_owner(function: Function) -> str:
    """Return by what name a function knows what is kept between forward and backward: self, or ctx."""
    first = function.args.args[0].arg if function.args.args else ""
    return first if first in OWNERS else "self"


def list_places(function: Function) -> Iterator[tuple[Any, str, int | None, Any]]:
    """Yield every node within the body, and where it hangs."""
    queue: list[ast.AST] = [function]
    while queue:
        parent = queue.pop(0)
        for field, value in ast.iter_fields(parent):
            if parent is function and field != "body":
                continue
            for place, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.AST):
                    queue.append(node)
                    if isinstance(node, ast.expr | ast.stmt):
                        yield parent, field, place, node


def list_values(function: Function) -> list[str]:
    """Return the names that a function is given or assigns, and that are no functions there."""
    nodes = list(ast.walk(function))
    given = [a.arg for node in nodes if isinstance(node, ast.arguments) for a in (*node.posonlyargs, *node.args)]
    stored = [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return [name for name in dict.fromkeys([*given, *stored]) if name not in called and name not in HOLDERS]


def _list_functions(function: Function) -> list[Any]:
    """Return the functions, each once, that are called with one argument there: sigmoid, np.exp, self.act."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    named = {ast.dump(c.func): c.func for c in calls if len(c.args) == 1 and not c.keywords}
    return [each for each in named.values() if not isinstance(each, ast.Name) or each.id not in BUILT_IN]


def _is_idle(parent: Any, old: Any, new: Any) -> bool:
    """Whether an edit changes nothing, or makes `t + 0` or `1 * t`, which is better said as `t`, an edit of its own."""
    if ast.dump(old) == ast.dump(new):
        return True
    if isinstance(parent, ast.UnaryOp) and isinstance(new, ast.Constant):
        return isinstance(new.value, int | float) and new.value < 0  # `--1`: the sign may be taken away
    if not isinstance(parent, ast.BinOp) or not isinstance(new, ast.Constant):
        return False
    is_factor = isinstance(parent.op, ast.Mult) or (isinstance(parent.op, ast.Div) and parent.right is old)
    return (new.value == 0 and isinstance(parent.op, ast.Add | ast.Sub)) or (new.value == 1 and is_factor)


def _is_loaded(node: Any) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Load)


def _may_be_negated(parent: Any, field: str) -> bool:
    """Whether a sign says something there: not in a comparison, an index, or in front of what is indexed or called."""
    return (
        not isinstance(parent, ast.Compare | ast.Subscript | ast.Attribute | ast.Slice | ast.keyword)
        and field != "func"
    )


def _signs(node: Any) -> Iterator[Any]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node.operand
    elif not _has_sign(node) and (isinstance(node, ast.BinOp | ast.Call) or _is_read(node)):
        yield ast.UnaryOp(ast.USub(), node)


def _is_read(node: Any) -> bool:
    return isinstance(node, ast.Name | ast.Attribute) and _is_loaded(node)


def _has_sign(node: Any) -> bool:
    """Whether a product or a quotient begins with a sign, which may be taken away."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.MatMult):
        return _has_sign(node.left)
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _operators(node: Any) -> Iterator[Any]:
    if isinstance(node, ast.BinOp):
        others = OPERATORS.get(type(node.op), ())
        kept = others[1:] if others[:1] == (ast.Div,) and "mask" in ast.unparse(node.right) else others  # of 0 and 1
        yield from (ast.BinOp(node.left, other(), node.right) for other in kept)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        yield ast.Compare(node.left, [COMPARISONS[type(node.ops[0])]()], node.comparators)


def _bounds(node: Any, own: list[Any]) -> Iterator[Any]:
    """Yield a comparison with one on the other side beside: `(x > lo) & (x < hi)` for `x > lo`."""
    if not isinstance(node, ast.Compare) or len(node.ops) > 1 or type(node.ops[0]) not in COMPARISONS:
        return
    for bound in own:
        if ast.dump(bound) not in (ast.dump(node.left), ast.dump(node.comparators[0])):
            other = ast.Compare(node.left, [COMPARISONS[type(node.ops[0])]()], [bound])
            yield ast.BinOp(node, ast.BitAnd(), other)


def _constants(node: Any) -> Iterator[Any]:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    others: tuple[Any, ...] = ()
    if isinstance(value, bool):
        others = (not value,)
    elif isinstance(value, int) and value <= LARGEST:
        others = (value + 1, value - 1, -value, *((2 * value, 1 / value) if value in SMALL else ()))
    elif isinstance(value, float):
        others = (2 * value, value / 2, 1 - value, -value, 1.0)
        yield ast.BinOp(ast.Constant(3), ast.Mult(), node)
    yield from (ast.Constant(other) for other in dict.fromkeys(others) if other != value or type(other) is bool)


def _other_constants(node: Any, numbers: list[Any]) -> Iterator[Any]:
    """Yield the other numbers that stand elsewhere, and their negatives, in place of one."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        others = dict.fromkeys(n for number in numbers for n in (number, -number))
        yield from (ast.Constant(other) for other in others if other != node.value)


def _indices(node: Any) -> Iterator[Any]:
    """Yield an element one place before and behind, and one with its indices in another order."""
    if not isinstance(node, ast.Subscript):
        return
    index = node.slice
    if isinstance(index, ast.Name):
        for shift in (ast.Sub(), ast.Add()):
            yield ast.Subscript(node.value, ast.BinOp(index, shift, ast.Constant(1)), node.ctx)
    if isinstance(index, ast.Tuple) and len(index.elts) > 1:
        for a, b in combinations(range(len(index.elts)), 2):
            moved = list(index.elts)
            moved[a], moved[b] = moved[b], moved[a]
            yield ast.Subscript(node.value, ast.Tuple(moved, ast.Load()), node.ctx)


def _order(node: Any) -> Iterator[Any]:
    """Yield the operands the other way round, and a tuple or a list with two of its members exchanged."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div | ast.MatMult | ast.Pow):
        yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node, ast.Tuple | ast.List) and _is_loaded(node):
        for a, b in combinations(range(len(node.elts)), 2):
            moved = list(node.elts)
            moved[a], moved[b] = moved[b], moved[a]
            yield type(node)(moved, ast.Load())
    if isinstance(node, ast.Call) and len(node.args) == 2 and not node.keywords:
        yield ast.Call(node.func, node.args[::-1], [])


def _transposes(node: Any, turn: Turn) -> Iterator[Any]:
    """Yield a transposed array as it is, and products with either operand transposed, in either order."""
    if (inner := _unturned(node)) is not None:
        yield inner
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        left, right = node.left, node.right
        yield from (ast.BinOp(one, node.op, other) for one, other in _turn_either(left, right, turn))
    elif (
        isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("dot", "matmul", "mm") and len(node.args) == 2
    ):
        yield from (ast.Call(node.func, list(pair), []) for pair in _turn_either(node.args[0], node.args[1], turn))


def _turn_either(left: Any, right: Any, turn: Turn) -> Iterator[tuple[Any, Any]]:
    yield from ((turn(left), right), (left, turn(right)), (turn(right), left), (right, turn(left)))


def _find_transposition(function: Function) -> Turn:
    """Return how the function itself transposes: `a.T`, or with the axes that it says, `a.swapaxes(-1, -2)`."""
    written = next((node for node in ast.walk(function) if _is_turned(node)), None)

    def turn(node: Any) -> Any:
        if (inner := _unturned(node)) is not None:
            return inner
        if written is None:
            return ast.Attribute(node, "T", ast.Load())
        return ast.Call(ast.Attribute(node, written.func.attr, ast.Load()), written.args, [])  # type: ignore[attr-defined]

    return turn


def _unturned(node: Any) -> Any:
    """Return what a transposed array is transposed from; None of anything else."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        return node.value
    return node.func.value if _is_turned(node) else None


def _is_turned(node: Any) -> bool:
    """Whether a node is a call that transposes: `a.t()`, `a.transpose()`, `a.swapaxes(-1, -2)`, `a.transpose(1, 2)`."""
    method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not _is_holder(node.func.value)
    return method and len(node.args) in TURNS.get(node.func.attr, ())


def _assignments(node: Any) -> Iterator[Any]:
    """Yield nothing at all; what adds in place of what overwrites, and the reverse; a subtraction for an addition."""
    if isinstance(node, ast.Expr | ast.AugAssign) or (isinstance(node, ast.Assign) and not _binds(node)):
        yield ast.Pass()
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and not isinstance(node.targets[0], ast.Tuple):
        yield ast.AugAssign(node.targets[0], ast.Add(), node.value)  # type: ignore[arg-type]
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=node.lineno)
        for other in OPERATORS.get(type(node.op), ()):
            yield ast.AugAssign(node.target, other(), node.value)


def _binds(node: ast.Assign) -> bool:
    """Whether an assignment gives a name, and does not only change what there is."""
    return any(not isinstance(target, ast.Subscript) for target in node.targets)


def _calls(node: Any) -> Iterator[Any]:
    """Yield the call of another function, and what it is called with alone."""
    if not isinstance(node, ast.Call):
        return
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    for other in FUNCTIONS.get(name, ()):
        function = copy.copy(node.func)
        setattr(function, "attr" if isinstance(function, ast.Attribute) else "id", other)
        yield ast.Call(function, node.args, node.keywords)
    if name == "len" and len(node.args) == 1:
        yield ast.Attribute(node.args[0], "size", ast.Load())
        yield ast.Call(ast.Attribute(node.args[0], "numel", ast.Load()), [], [])
    method = isinstance(node.func, ast.Attribute) and not _is_holder(node.func.value)
    if method:
        yield node.func.value  # type: ignore[attr-defined]
    elif node.args:
        yield node.args[0]


def _is_holder(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in HOLDERS


def _parts(node: Any) -> Iterator[Any]:
    """Yield one operand of two, the base of a power, and 1 minus what is there."""
    if isinstance(node, ast.BinOp):
        yield node.left
        if not isinstance(node.op, ast.Pow | ast.Div):
            yield node.right
        if isinstance(node.op, ast.Mult | ast.Div | ast.Sub):
            yield ast.BinOp(ast.Constant(1), ast.Sub(), node)
    elif isinstance(node, ast.Name | ast.Attribute) and _is_loaded(node) and not _is_holder(node):
        yield ast.BinOp(ast.Constant(1), ast.Sub(), node)
        yield ast.BinOp(node, ast.Pow(), ast.Constant(2))


def _exponents(node: Any) -> Iterator[Any]:
    """Yield a power with 1 less and 1 more as its exponent."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not isinstance(node.right, ast.Constant):
        for shift in (ast.Sub(), ast.Add()):
            yield ast.BinOp(node.left, node.op, ast.BinOp(node.right, shift, ast.Constant(1)))


def _beside(node: Any) -> Iterator[Any]:
    """Yield 1 less and 1 more of a name."""
    if isinstance(node, ast.Name) and _is_loaded(node) and not _is_holder(node):
        for shift in (ast.Sub(), ast.Add()):
            yield ast.BinOp(node, shift, ast.Constant(1))


def _others(node: Any, names: list[str], attributes: frozenset[str]) -> Iterator[Any]:
    """Yield other names and attributes in place of one."""
    if isinstance(node, ast.Name) and _is_loaded(node) and node.id in names:
        yield from (ast.Name(other, ast.Load()) for other in names if other != node.id)
    if _is_own(node) and node.attr in attributes and _is_loaded(node):
        yield from (ast.Attribute(node.value, other, ast.Load()) for other in sorted(attributes - {node.attr}))


def _applied(node: Any, functions: list[Any]) -> Iterator[Any]:
    """Yield a function of what is there, one that is applied elsewhere: `sigmoid(z[i])` for `z[i]`."""
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript) and _is_loaded(node) and not _is_holder(node):
        yield from (ast.Call(copy.deepcopy(each), [node], []) for each in functions if each is not node)


def _is_own(node: Any) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in OWNERS


def may_hold_more(parent: Any, field: str, node: Any) -> bool:
    """Whether a node is all that is assigned or returned, a term of a sum or a branch: what a factor may lack in."""
    stated = isinstance(parent, ast.Assign | ast.AugAssign | ast.Return) and field == "value"
    term = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add | ast.Sub)
    member = isinstance(parent, ast.Dict) or (isinstance(parent, ast.Tuple | ast.List) and _is_loaded(parent))
    branch = isinstance(parent, ast.Call) and getattr(parent.func, "attr", "") == "where" and node in parent.args[1:]
    is_held = stated or term or member or branch
    return is_held and isinstance(node, ast.expr) and not isinstance(node, ast.Tuple | ast.Constant)


def _with_factors(node: Any, own: list[Any]) -> Iterator[Any]:
    for factor in own:
        for operator in (ast.Mult(), ast.Div(), ast.Add(), ast.Sub()):
            yield ast.BinOp(node, operator, factor)
