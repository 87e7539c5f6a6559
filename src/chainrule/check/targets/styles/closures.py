"""Functions that return their backward: f(x, w) -> (y, backward), or dense(W, b) -> forward, which returns both.

`def dense(W, b): …; return forward, backward` is one too: the two share what the forward keeps.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.check.model.literals import parse
from chainrule.check.model.names import is_gradient_of
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.targets.cached_functions import list_arrays
from chainrule.check.targets.calls import make_called
from chainrule.check.targets.kinds import Kind, Made, Namespace, call_by_name, list_arguments
from chainrule.check.targets.pair import find_source, name_gradients, order_by_shape

Function = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True)
class Closure:
    """A function with how it gives its backward, and the arguments of the forward within it, if there is one."""

    function: Callable[..., Any]
    gives: str  # "both" of (y, backward), "pair" of (forward, backward), "forward" that gives both
    inner: Mapping[str, Any]

    def run(self, given: Mapping[str, Any]) -> tuple[Any, Callable[..., Any]]:
        """Return the output and the backward."""
        within = {name: given[name] for name in self.inner}
        made = call_by_name(self.function, {name: value for name, value in given.items() if name not in within})
        if self.gives == "both":
            return made[0], made[1]
        if self.gives == "forward":
            Y, backward = call_by_name(made, within)[:2]
            return Y, backward
        Y = call_by_name(made[0], within)
        return (Y[0] if isinstance(Y, tuple) else Y), made[1]


def find_closure(function: Any) -> Closure | None:
    """Return what a function gives, told by its text; None where no backward is defined within it and returned."""
    if not inspect.isfunction(function) or function.__name__ == "<lambda>":
        return None
    tree = parse(function)
    if not isinstance(tree, ast.Module) or not isinstance(tree.body[0], ast.FunctionDef):
        return None
    top = tree.body[0]
    inside, returned = _list_inner(top), _find_returned(top)
    names = [each.id if isinstance(each, ast.Name) else "" for each in returned]
    made = [
        inside.get(name) or (each if isinstance(each, ast.Lambda) else None)
        for name, each in zip(names, returned, strict=True)
    ]
    if len(made) == 2 and made[0] is None and _takes_one(made[1]):
        return Closure(function, "both", {})
    first = made[0] if made else None
    if first is None or set(_list_names(first)) & set(list_arguments(function)):
        return None
    if len(made) == 2 and made[1] is not None and _takes_one(made[1]):
        return Closure(function, "pair", dict.fromkeys(_list_names(first), ...))
    if len(made) == 1 and isinstance(first, ast.FunctionDef):
        within, given = _list_inner(first), _find_returned(first)
        last = given[1] if len(given) == 2 else None
        known = within.get(last.id) if isinstance(last, ast.Name) else last if isinstance(last, ast.Lambda) else None
        if _takes_one(known):
            return Closure(function, "forward", dict.fromkeys(_list_names(first), ...))
    return None


def _list_inner(node: ast.FunctionDef) -> dict[str, Function]:
    """Return the functions that are defined in a body itself, by name."""
    named: dict[str, Function] = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
    for each in node.body:
        if (
            isinstance(each, ast.Assign)
            and isinstance(each.value, ast.Lambda)
            and isinstance(each.targets[0], ast.Name)
        ):
            named[each.targets[0].id] = each.value
    return named


def _find_returned(node: ast.FunctionDef) -> list[ast.expr]:
    last = node.body[-1]
    if not isinstance(last, ast.Return) or last.value is None:
        return []
    return list(last.value.elts) if isinstance(last.value, ast.Tuple) else [last.value]


def _list_names(node: Function) -> list[str]:
    """Return the arguments without a default."""
    every = [argument.arg for argument in node.args.args]
    return every[: len(every) - len(node.args.defaults)]


def _takes_one(node: Function | None) -> bool:
    """Tell whether a function takes a cotangent, if only by default, and nothing else; that of a loss may take none."""
    return node is not None and len(node.args.args) < 2


class ClosureKind(Kind):
    """A function that returns its backward."""

    rank = 64
    is_function = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a function is such a one."""
        return find_closure(thing) is not None

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return what such a function gives."""
        return find_closure(value)

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the function itself."""
        function: Callable[..., Any] = thing.function
        return function

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the arguments of the forward, then those of the function around it."""
        return {**thing.inner, **list_arguments(thing.function)}

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target with the gradients in the order of the function's own arguments, and of all."""
        names = list_arrays(inputs)
        floats = [n for n in names if inputs[n].dtype.kind == "f"]
        inner = [n for n in floats if n in thing.inner]
        for own in dict.fromkeys((tuple(floats), (*[n for n in floats if n not in inner], *inner), tuple(inner))):
            yield self._make(thing, inputs, name or thing.function.__name__, own), inputs

    def _make(self, thing: Closure, inputs: Mapping[str, Any], name: str, own: tuple[str, ...]) -> Any:
        def forward(state: None, given: Arrays) -> tuple[Array, Any]:
            Y, backward = thing.run(given)
            return Y, (backward, [given[n] for n in own])

        def back(state: None, kept: Any, dY: Array) -> Arrays:
            backward, values = kept
            found = backward(dY) if list_arguments(backward) else backward()
            if isinstance(found, Mapping):
                keyed = {n: k for n in own for k in found if str(k) == n or is_gradient_of(str(k), n)}
                return {n: found[k] for n, k in keyed.items()}
            return name_gradients(order_by_shape(found, values), own)

        source = find_source(thing.function)
        return make_called(name, lambda given: None, forward, back, own[0] if own else next(iter(inputs)), own, source)


KINDS = (ClosureKind(),)
