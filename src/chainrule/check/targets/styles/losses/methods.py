"""Two methods of one class, a cost and its gradient: `_loss(X, y, w)` and `_gradient(X, y, w)`, `fn` and `delta`.

In `fn(a, y)` and `delta(z, a, y)` the gradient is that by z; a is an activation function of z, which the file defines.
"""

from __future__ import annotations

import copy
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.names import is_target_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target
from chainrule.check.targets.cached_functions import first, list_arrays
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source

COST = re.compile(
    r"^_*(fn|cost|loss|objective|energy|error|(compute|get|calc|calculate)_?(cost|loss|objective))(_?fn|_?function)?$"
)
GRADIENT = re.compile(
    r"^_*(delta|(compute|get|calc|calculate)?_?(cost|loss)?_?(gradient|grad|gradients|derivative|prime))(_?fn|_?function)?$"
)
ACTIVATIONS = ("sigmoid", "sigma", "logistic", "softmax", "tanh", "activation")


@dataclass(frozen=True)
class Methods:
    """The names of a cost and of its gradient, and of what stands between z and a, where the gradient is by z."""

    cost: str
    gradient: str
    activation: str = ""


def find_methods(kind: type) -> Methods | None:
    """Return the two methods of a class; None where there are none."""
    own = {name: getattr(kind, name) for name in vars(kind) if not name.startswith("__")}
    costs = [name for name, method in own.items() if COST.match(name) and callable(method)]
    gradients = [name for name, method in own.items() if GRADIENT.match(name) and callable(method)]
    if len(costs) != 1 or len(gradients) != 1:
        return None
    takes, given = (_list_required(own[name]) for name in (costs[0], gradients[0]))
    if len(takes) > 1 and set(takes) == set(given):
        return Methods(costs[0], gradients[0])
    if takes[:1] == ["a"] and given[:1] == ["z"] and set(given) - set(takes) == {"z"}:
        module = vars(sys.modules.get(kind.__module__, SimpleNamespace()))
        between = next((name for name in ACTIVATIONS if inspect.isfunction(module.get(name))), "")
        return Methods(costs[0], gradients[0], between) if between else None
    return None


def _list_required(method: Callable[..., Any]) -> list[str]:
    return [n for n, default in list_arguments(method).items() if default is ... and n not in ("self", "cls")]


def make_methods(thing: Any, inputs: Mapping[str, Any], own: str, name: str) -> Target:
    """Return the target of the cost, and of its gradient by the input `own`."""
    methods = find_methods(type(thing))
    assert methods is not None
    module = vars(sys.modules[type(thing).__module__])
    activate = module[methods.activation] if methods.activation else None

    def complete(given: Mapping[str, Any]) -> dict[str, Any]:
        return {**given, "a": activate(given["z"])} if activate else dict(given)

    def call(method: str, given: Mapping[str, Any]) -> Any:
        bound, every = getattr(copy.deepcopy(thing), method), complete(given)
        return bound(**{each: every[each] for each in list_arguments(bound) if each in every})

    def forward(**given: Any) -> Array:
        return np.asarray(np.squeeze(first(call(methods.cost, given))))

    def backward(dY: Array, **given: Any) -> Arrays:
        return {own: first(call(methods.gradient, given))}

    constants = tuple(each for each in list_arrays(inputs) if each != own)
    called = f"{methods.gradient} is taken for the derivative by {own}"
    called += f", with a = {methods.activation}(z)" if activate else ""
    return Target(name, forward, backward, (own,), constants, True, find_source(type(thing)), called=called)


class CostMethodsKind(Kind):
    """A class with a cost and its gradient among its methods, and neither forward nor backward."""

    rank = 95
    is_class = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is an object of such a class."""
        return not inspect.isclass(thing) and find_methods(type(thing)) is not None

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a class."""
        return value if inspect.isclass(value) and not inspect.isabstract(value) and find_methods(value) else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the method whose arguments are drawn: the gradient, where it takes z, else the cost."""
        methods = find_methods(thing if inspect.isclass(thing) else type(thing))
        assert methods is not None
        found: Callable[..., Any] = getattr(thing, methods.gradient if methods.activation else methods.cost)
        return found

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return what is drawn; an activation is computed."""
        methods = find_methods(thing if inspect.isclass(thing) else type(thing))
        arguments = super().list_arguments(thing)
        return {n: d for n, d in arguments.items() if not (methods and methods.activation and n == "a") and n != "self"}

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target for each input that the gradient may be the one of, the one of its shape first."""
        title = name or type(thing).__name__
        floats = [n for n in list_arrays(inputs) if inputs[n].dtype.kind == "f"]
        made = [(make_methods(thing, inputs, own, title), own) for own in floats if not is_target_name(own)]
        shaped = [(target, own) for target, own in made if self._has_shape(target, inputs, own)]
        yield from ((target, inputs) for target, _ in shaped or made)

    def _has_shape(self, target: Target, inputs: dict[str, Any], own: str) -> bool:
        found = call_theirs(lambda: target.gradients(np.ones(()), inputs))
        return not isinstance(found, Failure) and own in found and np.shape(found[own]) == np.shape(inputs[own])

    def fits(self, Y: Array) -> bool:
        """Tell whether an output is one number."""
        return Y.ndim == 0


KINDS = (CostMethodsKind(),)
