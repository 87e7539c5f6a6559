"""How a file itself calls what it defines: `f(x, w)` with `x = torch.randn(4, 5)` tells shapes, kinds and numbers.

Nothing of the file is run: what its expressions would give is made here, as far as they are plain ones, of NumPy's
arrays with numbers of our own. `gradcheck(F.apply, (x, w))` is a call of F too, as `grad(f)(x, w)` is one of f.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from chainrule.check.files.given import Given
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.target import generator

MOST_ENTRIES = 2000  # of an array that is taken over
USED = 3  # a stream of random numbers of its own
DERIVED = ("grad", "value_and_grad", "elementwise_grad", "jacobian", "jacrev", "jacfwd", "hessian", "jit")
CHECKERS = ("gradcheck", "gradgradcheck", "check_grads", "check_vjp", "check_gradients")
KEPT = {
    "requires_grad_", "double", "float", "to", "cuda", "cpu", "contiguous", "detach", "clone", "copy", "numpy", "half",
    "block_until_ready", "type",
}  # fmt: skip
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.MatMult: operator.matmul,
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Gt: operator.gt, ast.Lt: operator.lt, ast.GtE: operator.ge, ast.LtE: operator.le,
}  # fmt: skip
ELEMENTWISE: dict[str, Callable[[Any], Any]] = {
    "abs": np.abs, "exp": np.exp, "tanh": np.tanh, "sqrt": np.sqrt, "square": np.square,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)), "softplus": lambda x: np.log1p(np.exp(x)),
}  # fmt: skip
Scope = dict[str, Any]


class UnknownError(Exception):
    """An expression that is no plain one."""


class Callee(str):
    """What is called, where a name or an expression stands for it."""

    __slots__ = ()


def list_uses(text: str, called: Collection[str], names: Sequence[str]) -> Iterator[dict[str, Given]]:
    """Yield the arguments, by their `names`, with which a file calls one of the functions or classes `called`."""
    for given in _list_calls(text, frozenset(called)):
        positional, named = given
        held = {**dict(zip(names, positional, strict=False)), **{n: v for n, v in named.items() if n in names}}
        if held and len(positional) <= len(names):
            yield {name: _describe(value) for name, value in held.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    return isinstance(value, np.ndarray | int | float | tuple)


def _describe(value: Any) -> Given:
    if isinstance(value, np.ndarray | tuple):
        return Given(getattr(value, "shape", ()), array=value)
    return Given(value=value)


@lru_cache(maxsize=32)
def _list_calls(text: str, called: frozenset[str]) -> list[tuple[list[Any], dict[str, Any]]]:
    tree = call_theirs(lambda: ast.parse(text))
    if isinstance(tree, Failure):
        return []
    reader = Reader(called)
    reader.read(tree.body, {})
    return reader.found


class Reader:
    """Goes through statements once, in order, and keeps the calls that it understands."""

    def __init__(self, called: Collection[str]) -> None:
        self.called, self.rng = called, generator(0, USED)
        self.found: list[tuple[list[Any], dict[str, Any]]] = []

    def read(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Read statements, those within others too; a function has the names around it."""
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self.read(node.body, {**scope, **self._defaults(node, scope)})
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                self._note_calls(node.value, scope)
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    self._bind(target, self._try(node.value, scope), scope)
            else:
                for field in ast.iter_child_nodes(node):
                    if isinstance(field, ast.expr):
                        self._note_calls(field, scope)
                for name in ("body", "orelse", "finalbody"):
                    self.read(getattr(node, name, []), scope)

    def _defaults(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Scope:
        held = zip(reversed(node.args.args), reversed(node.args.defaults), strict=False)
        return {argument.arg: self._try(value, scope) for argument, value in held}

    def _bind(self, target: ast.expr, value: Any, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope[target.id] = value
        elif isinstance(target, ast.Tuple):
            held = value if isinstance(value, list) and len(value) == len(target.elts) else [None] * len(target.elts)
            for each, part in zip(target.elts, held, strict=True):
                self._bind(each, part, scope)

    def _try(self, node: ast.expr, scope: Scope) -> Any:
        """Return the value of an expression; None where it is not understood."""
        try:
            with np.errstate(all="ignore"):
                return self._value(node, scope)
        except (UnknownError, ArithmeticError, ValueError, TypeError, LookupError, MemoryError, AttributeError):
            return None

    def _note_calls(self, node: ast.expr, scope: Scope) -> None:
        for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
            name = _say_name(call.func)
            given = [self._try(each, scope) for each in call.args]
            if isinstance(self._try(call.func, scope), Callee):
                named = {each.arg: self._try(each.value, scope) for each in call.keywords if each.arg}
                self._keep(given, named)
            elif name in CHECKERS and len(call.args) > 1:
                self._call_within(call.args[0], given[1] if isinstance(given[1], list) else given[1:2], scope)
            elif isinstance(call.func, ast.Call) and call.func.args and _say_name(call.func.func) in DERIVED:
                self._call_within(call.func.args[0], given, scope)  # grad(lambda x: …)(x)

    def _call_within(self, function: ast.expr, given: list[Any], scope: Scope) -> None:
        """Note the calls in a function that another one calls with these arguments."""
        if isinstance(self._try(function, scope), Callee):
            self._keep(given, {})
        elif isinstance(function, ast.Lambda) and len(function.args.args) == len(given):
            bound = {a.arg: value for a, value in zip(function.args.args, given, strict=True)}
            self._note_calls(function.body, {**scope, **bound})

    def _keep(self, given: list[Any], named: dict[str, Any]) -> None:
        if any(isinstance(value, np.ndarray) for value in (*given, *named.values())):
            self.found.append((given, named))

    def _value(self, node: ast.expr, scope: Scope) -> Any:
        match node:
            case ast.Constant(value):
                return value
            case ast.Name(name):
                return Callee(name) if name in self.called else scope[name]
            case ast.Tuple(elts) | ast.List(elts):
                return [self._value(each, scope) for each in elts]
            case ast.UnaryOp(ast.USub(), operand):
                return -self._value(operand, scope)
            case ast.UnaryOp(ast.Invert(), operand):
                return ~self._value(operand, scope)
            case ast.BinOp(left, op, right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](self._value(left, scope), self._value(right, scope))
            case ast.Compare(left, [op], [right]) if type(op) in COMPARISONS:
                return COMPARISONS[type(op)](self._value(left, scope), self._value(right, scope))
            case ast.Attribute(ast.Name(name), "apply") if name in self.called:
                return Callee(name)
            case ast.Attribute(value, "T"):
                return self._value(value, scope).T
            case ast.Call():
                return self._call(node, scope)
        raise UnknownError

    def _call(self, node: ast.Call, scope: Scope) -> Any:
        name = _say_name(node.func)
        if isinstance(node.func, ast.Attribute) and (kept := self._method(name, node, scope)) is not None:
            return kept
        named = {each.arg: self._try(each.value, scope) for each in node.keywords if each.arg}
        given = [self._try(each, scope) for each in node.args]
        if name == "Size":
            return _read_shape(given)  # a tuple, where lists stand for those that are written out
        if any(named.get(each, ()) is None for each in ("size", "shape")) or given[-1:] == [None]:
            raise UnknownError
        made = self._make(name, given, named)
        if not isinstance(made, np.ndarray) or made.size > MOST_ENTRIES or made.dtype.kind not in "fiub":
            raise UnknownError
        is_whole = any(
            "long" in ast.unparse(k.value) or "int" in ast.unparse(k.value) for k in node.keywords if k.arg == "dtype"
        )
        return made.astype(np.int64) if is_whole else made

    def _method(self, name: str, node: ast.Call, scope: Scope) -> Any:
        """Return an array after a method that changes its kind or its form alone; None for any other call."""
        array = self._try(node.func.value, scope)  # type: ignore[attr-defined]
        if not isinstance(array, np.ndarray):
            return None
        if name in ("long", "int", "bool"):
            return array.astype(bool if name == "bool" else np.int64)
        if name in ("astype", *KEPT):
            whole = name in ("astype", "to") and any(
                "int" in ast.unparse(a) or "long" in ast.unparse(a) for a in node.args
            )
            return array.astype(np.int64) if whole else array
        if name in ("reshape", "view"):
            return array.reshape(_read_shape([self._try(each, scope) for each in node.args]))
        return ELEMENTWISE[name](array) if name in ELEMENTWISE and not node.args else None

    def _make(self, name: str, given: list[Any], named: Mapping[str, Any]) -> Any:
        """Return what a constructor of arrays, or a function of each entry, makes."""
        size = named.get("size", named.get("shape"))
        if name in ELEMENTWISE and given and isinstance(given[0], np.ndarray):
            return ELEMENTWISE[name](given[0])
        if name in ("array", "asarray", "tensor", "as_tensor", "Tensor", "FloatTensor", "LongTensor"):
            return np.array(given[0])
        if name in ("ones_like", "zeros_like", "randn_like"):
            return self.rng.normal(size=np.shape(given[0])) if "randn" in name else np.ones_like(given[0])
        if name in ("ones", "zeros", "empty"):
            return (np.zeros if name == "zeros" else np.ones)(_read_shape(given) if size is None else tuple(size))
        if name == "full":
            return np.full(tuple(given[0]), given[1])
        if name in ("arange", "linspace", "eye"):
            return getattr(np, name)(*given)
        if name == "randperm":
            return self.rng.permutation(given[0])
        if name in ("randint", "integers"):
            low, high = [0, *(each for each in given if isinstance(each, int))][-2:]
            held = size if size is not None else next((each for each in given if isinstance(each, list)), None)
            return self.rng.integers(low, high, size=tuple(held) if isinstance(held, list) else held)
        shape = _read_shape(given if size is None else [size])
        if name in ("randn", "standard_normal", "normal", "randn_tensor"):
            return self.rng.normal(size=shape)
        if name in ("rand", "random", "random_sample", "uniform"):
            return self.rng.uniform(0.05, 0.95, shape)
        raise UnknownError


def _say_name(function: ast.expr) -> str:
    """Return the last name of what is called."""
    name: str = getattr(function, "attr", getattr(function, "id", ""))
    return name


def _read_shape(given: Sequence[Any]) -> tuple[int, ...]:
    """Return a shape from `(4, 5)`, from `4, 5`, or from what stands behind a key or bounds: `key, (4, 5)`."""
    lists = [each for each in given if isinstance(each, list)]
    sizes = lists[-1] if lists else [each for each in given if each is not None]
    if not all(isinstance(size, int) and not isinstance(size, bool) and size >= -1 for size in sizes):
        raise UnknownError
    return tuple(sizes)
