"""Functions that make a layer of closures: `return SimpleNamespace(forward=forward, backward=backward, params=p)`.

What they make has a forward and a backward as other objects have; parameters are those that it shows, or that its two
functions hold.
"""

from __future__ import annotations

import ast
import copy
import inspect
from collections.abc import Callable, Mapping
from types import CellType, FunctionType
from typing import Any

from chainrule.check.model.directions import BACKWARD_METHODS, FORWARD_METHODS, choose_method
from chainrule.check.model.literals import parse
from chainrule.check.targets.kinds import Namespace
from chainrule.check.targets.objects import ObjectKind


def find_directions(function: Any) -> tuple[str, str, list[str]] | None:
    """Return the names of the forward and backward of the object that a function returns, and what forward takes.

    None where it returns no such thing.
    """
    if not inspect.isfunction(function) or function.__name__ == "<lambda>":
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(function).parameters.values()):
        return None
    tree = parse(function)
    body = tree.body[0].body if isinstance(tree, ast.Module) and isinstance(tree.body[0], ast.FunctionDef) else []
    names = _list_keys(body[-1].value) if body and isinstance(body[-1], ast.Return) else []
    forward, backward = choose_method(FORWARD_METHODS, names), choose_method(BACKWARD_METHODS, names)
    inner = {each.name: [a.arg for a in each.args.args] for each in body if isinstance(each, ast.FunctionDef)}
    return (forward, backward, inner[forward]) if forward in inner and backward in inner else None


def _list_keys(value: ast.expr | None) -> list[str]:
    """Return the keys of `SimpleNamespace(forward=…)`, of `dict(…)`, of `{"forward": …}` and of `Layer(forward, …)`."""
    if isinstance(value, ast.Dict):
        return [key.value for key in value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    if not isinstance(value, ast.Call):
        return []
    return [k.arg for k in value.keywords if k.arg] + [a.id for a in value.args if isinstance(a, ast.Name)]


def make_class(function: Callable[..., Any], forward: str, backward: str, takes: list[str]) -> type:
    """Return a class whose objects hold what the function makes; a copy has closures of its own."""

    def start(self: Any, *arguments: Any, **named: Any) -> None:
        made = function(*arguments, **named)
        fields = made if isinstance(made, Mapping) else made._asdict() if hasattr(made, "_asdict") else vars(made)
        vars(self).update(fields)
        self.forward, self.backward = fields[forward], fields[backward]

    def copy_it(self: Any, memo: dict[int, Any]) -> Any:
        other: Any = object.__new__(type(self))
        vars(other).update({name: _copy(value, memo) for name, value in vars(self).items()})
        return other

    def of_object(self: Any, *values: Any) -> Any:
        return vars(self)["forward"](*values)

    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    of_object.__signature__ = inspect.Signature([inspect.Parameter(n, either) for n in takes])  # type: ignore[attr-defined]
    members = {"__init__": start, "__deepcopy__": copy_it, "forward": of_object, "backward": lambda self, dY: None}
    made = type(function.__name__, (), {**members, "__doc__": function.__doc__})
    made.__module__, made.__qualname__ = function.__module__, function.__qualname__
    made.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    return made


def _copy(value: Any, memo: dict[int, Any]) -> Any:
    """Return a deep copy of a value; of a function, one that holds copies of what it holds."""
    if not isinstance(value, FunctionType) or not value.__closure__:
        return copy.deepcopy(value, memo)
    if id(value) not in memo:
        cells = [memo.setdefault(id(cell), CellType()) for cell in value.__closure__]
        made = FunctionType(value.__code__, value.__globals__, value.__name__, value.__defaults__, tuple(cells))
        memo[id(value)] = made
        for old, new in zip(value.__closure__, cells, strict=True):
            if old != CellType() and new == CellType():
                new.cell_contents = _copy(old.cell_contents, memo)
    return memo[id(value)]


class FactoryKind(ObjectKind):
    """A function that makes an object with forward and backward."""

    rank = 63

    def recognize(self, thing: Any) -> bool:
        """Tell that what is made is an object as others are."""
        return False

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the class of what such a function makes."""
        found = find_directions(value)
        return make_class(value, *found) if found else None


KINDS = (FactoryKind(),)
