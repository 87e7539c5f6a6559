"""Functions of a small framework's own: static forward(ctx, a, b) and backward(ctx, grad), with arrays inside."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import keep_sizes
from chainrule.check.targets.cached_functions import first, list_arrays
from chainrule.check.targets.calls import make_called
from chainrule.check.targets.kinds import Kind, Made, list_arguments
from chainrule.check.targets.pair import find_source, name_gradients
from chainrule.check.targets.pytorch.call import is_function

CONTEXTS = ("ctx", "context", "fn_ctx", "c")
DATA = ("data", "value", "val", "array", "_data", "v")  # where a tensor keeps its array
TENSORS = ("Tensor", "Variable", "Value", "Array", "Node", "Var")


class Context(SimpleNamespace):
    """Takes what a forward keeps for its backward, under whatever name."""

    saved_tensors: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep values, under each name that backward may ask for."""
        self.saved_tensors = self.saved_values = self.saved = self.tensors = self.cache = values

    @property
    def needs_input_grad(self) -> tuple[bool, ...]:
        """Every input needs its gradient."""
        return (True,) * 16


def _list_contexts(function: Any) -> Iterator[Callable[[], Any]]:
    """Yield what makes a context: the Function itself, a class of the file that keeps values, or a stand-in."""
    every = vars(sys.modules.get(function.__module__, SimpleNamespace()))
    own = [v for n, v in every.items() if inspect.isclass(v) and ("context" in n.lower() or n.lower() == "ctx")]
    for kind in (function, *own):
        made = call_theirs(kind)
        if not isinstance(made, Failure) and (
            kind is not function or callable(getattr(made, "save_for_backward", None))
        ):
            yield kind
    yield Context


def _list_wraps(function: Any) -> Iterator[Callable[[Any], Any]]:
    yield lambda value: value
    every = vars(sys.modules.get(function.__module__, SimpleNamespace()))
    for name in TENSORS:
        if inspect.isclass(every.get(name)):
            yield every[name]


def open_value(value: Any) -> Any:
    """Return the array within a framework's own tensor, which may compute it when it is asked."""
    if isinstance(value, np.ndarray | np.generic | float | int | None):
        return value
    if callable(compute := getattr(value, "realize_cached_data", getattr(value, "numpy", None))):
        return compute()
    return next((held for name in DATA if (held := getattr(value, name, None)) is not None), value)


class OwnFunctionKind(Kind):
    """A class whose forward and backward both take a context first, or are one, and that is not PyTorch's."""

    rank = 70
    is_function = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a class."""
        if not inspect.isclass(thing) or is_function(thing):
            return False
        methods = [inspect.getattr_static(thing, name, None) for name in ("forward", "backward")]
        if not all(callable(getattr(m, "__func__", m)) for m in methods):
            return False
        names = [list(list_arguments(getattr(m, "__func__", m)))[:1] for m in methods]
        is_own_context = callable(getattr(thing, "save_for_backward", None)) and names == [["self"], ["self"]]
        return is_own_context or all(first and first[0] in CONTEXTS for first in names)

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the arguments of the forward by name, without the context."""
        return dict(list(super().list_arguments(thing).items())[1:])

    def name_inputs(self, thing: Any, values: Sequence[Any]) -> dict[str, Any]:
        """Return what forward is given behind the context, by name."""
        return dict(zip(self.list_arguments(thing), values, strict=False))

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the Function with the likeliest context."""
        return next(self.make_all(thing, inputs, name, labels))

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target with each context, and with arrays as they are or in the framework's own tensors."""
        for context in _list_contexts(thing):
            for wrap in _list_wraps(thing):
                yield _make(thing, inputs, name or thing.__name__, context, wrap), inputs


def _make(
    thing: Any, inputs: Mapping[str, Any], name: str, context: Callable[[], Any], wrap: Callable[[Any], Any]
) -> Any:
    """Return the target of the Function; every forward has a ctx of its own, which its backward gets."""
    names = list_arrays(inputs)
    floats = [each for each in names if inputs[each].dtype.kind == "f"]

    def forward(state: None, given: Arrays) -> tuple[Array, Any]:
        ctx = context()
        values = [wrap(value) if each in names else value for each, value in given.items()]
        return open_value(first(thing.forward(ctx, *values))), ctx

    def backward(state: None, ctx: Any, dY: Array) -> Arrays:
        found = thing.backward(ctx, wrap(dY))
        opened = tuple(map(open_value, found)) if isinstance(found, tuple | list) else open_value(found)
        return name_gradients(opened, names, floats)

    target = make_called(name, lambda given: None, forward, backward, names[0], tuple(floats), find_source(thing))
    return target.with_extras(resize=keep_sizes)


KINDS = (OwnFunctionKind(),)
