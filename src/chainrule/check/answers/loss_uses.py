"""Which network a file trains with which loss on logits, read in its syntax tree; nothing runs.

The first argument of every call of a loss is followed back: `loss_fn(model(x), y)`, names that were assigned before,
attributes of self, arguments that callers within the file give, what functions return; an argument that nobody in the
file gives (`def train(model, data)`) is the file's network, if it has one alone. A softmax or a sigmoid in between is
noted; anything else that is computed there (a logarithm, a division) ends the search: it is no longer the network's
output.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

CROSS_ENTROPY, BINARY = "cross-entropy", "binary cross-entropy"
LOSSES = {  # of PyTorch and chainrule, by the last part of their names
    "CrossEntropyLoss": CROSS_ENTROPY,
    "cross_entropy": CROSS_ENTROPY,
    "BCEWithLogitsLoss": BINARY,
    "binary_cross_entropy_with_logits": BINARY,
}
KEEPING = {  # methods that return the same numbers, or the same network
    "squeeze", "unsqueeze", "view", "reshape", "flatten", "contiguous", "float", "double", "to", "cpu", "cuda", "train",
    "eval",
}  # fmt: skip
SOFTMAX, SIGMOID, LOG_SOFTMAX = "softmax", "sigmoid", "log-softmax"
BETWEEN = {  # what may stand between a network and its loss, by the last part of its name
    "softmax": SOFTMAX, "Softmax": SOFTMAX, "sigmoid": SIGMOID, "Sigmoid": SIGMOID, "log_softmax": LOG_SOFTMAX,
    "LogSoftmax": LOG_SOFTMAX,
}  # fmt: skip
BOUNDED = re.compile("softmax|sigmoid", re.IGNORECASE)
OWN_LOSS = re.compile("loss|entropy|criterion|cost|nll|objective", re.IGNORECASE)  # what is run to be judged
NAMESPACES = ("torch", "f", "functional", "nn", "nn.functional", "torch.nn", "torch.nn.functional", "special", "np")
Position = tuple[int, int]


@dataclass(frozen=True)
class LossUse:
    """A network of the file (class, function or variable) and a loss that takes its output.

    `loss` is as the file calls it. `kind` is CROSS_ENTROPY or BINARY, or "" of a loss that the file defines itself.
    `end` is what the file takes of the output before the loss does: SOFTMAX, SIGMOID, LOG_SOFTMAX, or "".
    """

    network: str
    loss: str
    line: int
    kind: str = ""
    end: str = ""


@dataclass(eq=False)
class Scope:
    """A module, class or function: what is assigned in it, where, and what it returns."""

    node: Any
    parent: Scope | None = None
    assigned: dict[str, list[tuple[Position, ast.expr | None, Scope]]] = field(default_factory=dict)
    returned: list[ast.expr] = field(default_factory=list)

    @property
    def owner(self) -> Scope | None:
        """The class that this scope stands in."""
        scope: Scope | None = self
        while scope and not isinstance(scope.node, ast.ClassDef):
            scope = scope.parent
        return scope

    @property
    def arguments(self) -> list[str]:
        """The names of a function's arguments; of a class, of its constructor's."""
        if not isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef):
            return []
        names = [each.arg for each in (*self.node.args.posonlyargs, *self.node.args.args, *self.node.args.kwonlyargs)]
        return names[1:] if self.parent and self.parent.owner is self.parent and names[:1] == ["self"] else names


@dataclass(frozen=True)
class Place:
    """An expression, the scope that it stands in, and the variable of the module that it was found through, if any.

    It is `open` where it is an argument that no caller within the file gives.
    """

    node: ast.expr
    scope: Scope
    variable: str = ""
    open: bool = False


class Reader(ast.NodeVisitor):
    """Notes every assignment, return, import and call of a file."""

    def __init__(self, tree: ast.Module) -> None:
        self.module = self.scope = Scope(tree)
        self.defined: dict[str, Scope] = {}  # functions and classes; a method under its own name
        self.origins: dict[str, str] = {}
        self.calls: list[tuple[ast.Call, Scope]] = []
        self.seen: set[ast.expr] = set()  # in the present search, which visits nothing twice
        self.visit(tree)

    def visit_FunctionDef(self, node: Any) -> None:
        """Note a function or a class, and read what stands in it."""
        outer, self.scope = self.scope, Scope(node, self.scope)
        self.defined.setdefault(node.name, self.scope)
        self.generic_visit(node)
        self.scope = outer

    visit_AsyncFunctionDef = visit_ClassDef = visit_FunctionDef

    def visit_Import(self, node: ast.Import) -> None:
        """Note what a name stands for."""
        for alias in node.names:
            self.origins[alias.asname or alias.name.partition(".")[0]] = (
                alias.name if alias.asname else alias.name.partition(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Note what a name stands for."""
        for alias in node.names:
            self.origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def visit_Assign(self, node: Any) -> None:
        """Note what is assigned to each name."""
        self.generic_visit(node)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            self._assign(target, node.value, (node.end_lineno, node.end_col_offset))

    visit_AnnAssign = visit_NamedExpr = visit_Assign

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Note that a name is something else from here on."""
        self.generic_visit(node)
        self._assign(node.target, None, (node.end_lineno or 0, node.end_col_offset or 0))

    def visit_Return(self, node: ast.Return) -> None:
        """Note what a function returns: of a tuple, its first."""
        self.generic_visit(node)
        value = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
        self.scope.returned += [value] if value else []

    def visit_Call(self, node: ast.Call) -> None:
        """Note a call."""
        self.generic_visit(node)
        self.calls.append((node, self.scope))

    def _assign(self, target: ast.expr, value: ast.expr | None, where: Position) -> None:
        if isinstance(target, ast.Tuple | ast.List):
            values: Sequence[ast.expr | None] = (
                value.elts if isinstance(value, ast.Tuple) else [value, *[None] * len(target.elts)]
            )
            for each, own in zip(target.elts, values, strict=False):
                self._assign(each, own, where)
        elif key := name_of(target):
            owner = self.scope.owner if key.startswith("self.") else self.scope
            (owner or self.scope).assigned.setdefault(key, []).append((where, value, self.scope))

    @cached_property
    def networks(self) -> list[str]:
        """The modules of PyTorch that the file defines, but for those that others are built of."""
        modules = [name for name, scope in self.defined.items() if _is_module(scope.node) and not OWN_LOSS.search(name)]
        parts = {name_of(call.func) for call, scope in self.calls if scope.owner}
        return [name for name in modules if name not in parts]

    def follow(self, place: Place) -> Iterator[Place]:
        """Yield where an expression comes from, through names; itself where it is none."""
        if place.node in self.seen:
            return
        self.seen.add(place.node)
        key = name_of(place.node)
        if not key:
            yield place
            return
        scope: Scope | None = place.scope
        while scope:
            if found := _last_before(scope, key, place):
                _, value, where = found
                variable = key if scope is self.module else place.variable
                if value is not None:
                    yield from self.follow(Place(value, where, variable))
                return
            if key in scope.arguments:
                given = list(self._list_given(scope, key))
                for value, where in given:
                    yield from self.follow(Place(value, where, place.variable))
                if not given:
                    yield Place(place.node, scope, place.variable, open=True)
                return
            scope = scope.parent
        yield place

    def _list_given(self, function: Scope, name: str) -> Iterator[tuple[ast.expr, Scope]]:
        """Yield what the callers within the file give for an argument."""
        owner = function.parent if function.node.name == "__init__" else None
        called, place = (owner or function).node.name, function.arguments.index(name)
        for call, scope in self.calls:
            if (name_of(call.func) or getattr(call.func, "attr", "")).rpartition(".")[2] == called:
                yield from ((keyword.value, scope) for keyword in call.keywords if keyword.arg == name)
                if place < len(call.args) and not isinstance(call.args[place], ast.Starred):
                    yield call.args[place], scope

    def find_loss(self, call: ast.Call, scope: Scope) -> tuple[str, str] | None:
        """Return name and kind of the loss that a call takes, None where it is no loss on logits."""
        function = call.func.value if _is_forward(call.func) else call.func  # type: ignore[attr-defined]
        self.seen = set()
        for found in self.follow(Place(function, scope)):
            made = found.node if isinstance(found.node, ast.Call) else None
            name = "" if found.open else name_of(made.func if made else found.node)
            if name in self.defined:
                return (name, "") if OWN_LOSS.search(name) else None
            if kind := self._kind_of(name, made or call):
                return name, kind
        return None

    def _kind_of(self, name: str, call: ast.Call) -> str:
        first, *rest = name.split(".")
        origin = ".".join([self.origins.get(first, ""), *rest])
        logits = {k.arg: getattr(k.value, "value", None) for k in call.keywords}.get("from_logits")
        if logits:
            return BINARY if "binary" in name.lower() else CROSS_ENTROPY
        known = origin.startswith(("torch.", "chainrule.")) and logits is None
        return LOSSES.get(origin.rpartition(".")[2], "") if known else ""

    def find_networks(self, place: Place, end: str = "") -> Iterator[tuple[str, str]]:
        """Yield the networks whose output an expression is, or the softmax or sigmoid (`end`) of it."""
        for found in self.follow(place):
            node = found.node
            if inner := _unwrap(node):
                yield from self.find_networks(Place(inner, found.scope), end)
            elif isinstance(node, ast.Call):
                taken, of = _end_between(node)
                if of is not None:
                    yield from self.find_networks(Place(of, found.scope), end or taken)
                function = node.func.value if _is_forward(node.func) else node.func  # type: ignore[attr-defined]
                yield from ((name, end) for name in self._name_network(Place(function, found.scope)))

    def _name_network(self, function: Place) -> Iterator[str]:
        """Yield the names of what is called: the class of an object, a function, a variable of the module."""
        if name_of(function.node) == "self" and function.scope.owner:
            yield function.scope.owner.node.name
            return
        for found in self.follow(function):
            if inner := _unwrap(found.node):
                yield from self._name_network(Place(inner, found.scope, found.variable))
                continue
            if found.open:
                yield from self.networks if len(self.networks) == 1 else ()
                continue
            name = name_of(found.node.func if isinstance(found.node, ast.Call) else found.node)
            yield from filter(None, (found.variable, name if name in self.defined else ""))
            for value in self.defined[name].returned if name in self.defined else ():
                inside = Place(value, self.defined[name])
                if isinstance(found.node, ast.Call):
                    yield from self._name_network(inside)
                else:
                    yield from (network for network, end in self.find_networks(inside) if not end)


def _last_before(scope: Scope, key: str, place: Place) -> tuple[Position, ast.expr | None, Scope] | None:
    """Return the last assignment of a name in a scope; in the expression's own, the last before it."""
    found = scope.assigned.get(key, [])
    if scope is place.scope:
        found = [each for each in found if each[0] < (place.node.lineno, place.node.col_offset)]
    if key.startswith("self.") and scope is not scope.owner:
        return None
    return found[-1] if found else None


def name_of(node: ast.expr | None) -> str:
    """Return `nn.CrossEntropyLoss` of a name or an attribute of one, "" of anything else."""
    if isinstance(node, ast.Attribute):
        return f"{inner}.{node.attr}" if (inner := name_of(node.value)) else ""
    return node.id if isinstance(node, ast.Name) else ""


def _is_module(node: ast.AST) -> bool:
    bases = [name_of(base).rpartition(".")[2] for base in node.bases] if isinstance(node, ast.ClassDef) else []
    return any(base in ("Module", "LightningModule") for base in bases)


def _is_forward(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in ("forward", "__call__", "apply")


def _unwrap(node: ast.expr) -> ast.expr | None:
    """Return what an expression only gives another shape, place or mode; None where it computes."""
    if isinstance(node, ast.Subscript) and getattr(node.slice, "value", None) == 0:
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in KEEPING:
        return node.func.value
    return None


def _end_between(call: ast.Call) -> tuple[str, ast.expr | None]:
    """Return what a call takes of its input, and that input: `F.softmax(z, 1)`, `z.softmax(1)`, `nn.Softmax(1)(z)`."""
    function, given = call.func, call.args[0] if call.args else None
    if isinstance(function, ast.Call):  # a module that is made and called at once
        return BETWEEN.get(name_of(function.func).rpartition(".")[2], ""), given if _names_end(function.func) else None
    if not _names_end(function):
        return "", None
    name = getattr(function, "attr", "") or name_of(function)
    method = isinstance(function, ast.Attribute) and name_of(function.value).lower() not in NAMESPACES
    return BETWEEN[name], function.value if method else given  # type: ignore[attr-defined]


def _names_end(function: ast.expr) -> bool:
    return (getattr(function, "attr", "") or name_of(function)) in BETWEEN


@cache
def list_loss_uses(text: str) -> tuple[LossUse, ...]:
    """Return which networks a file's text trains with a loss on logits, or with one that it defines itself."""
    if "oss" not in text and "entropy" not in text:  # it is not worth reading
        return ()
    try:
        return tuple(dict.fromkeys(_find_uses(Reader(ast.parse(text)))))
    except (SyntaxError, ValueError, RecursionError):  # no Python, or too deep to be read
        return ()


def _find_uses(reader: Reader) -> Iterator[LossUse]:
    for call, scope in reader.calls:
        named = {keyword.arg: keyword.value for keyword in call.keywords}
        first = call.args[0] if call.args else named.get("input")
        loss = reader.find_loss(call, scope) if first is not None else None
        if loss and first is not None:
            reader.seen = set()
            networks = reader.find_networks(Place(first, scope))
            yield from (LossUse(name, loss[0], call.lineno, loss[1], end) for name, end in networks if name != loss[0])


def list_trained(text: str) -> frozenset[str]:
    """Return the networks that a file trains with a loss on logits and that may end in a softmax or a sigmoid."""
    return frozenset(use.network for use in list_loss_uses(text) if use.kind and BOUNDED.search(text))
