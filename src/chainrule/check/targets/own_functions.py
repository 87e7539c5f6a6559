"""A small framework's own Functions as targets: forward(ctx, x, …) and backward(ctx, dout), NumPy inside."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array
from chainrule.check.model.target import Target, restore
from chainrule.check.targets.cached_functions import first, list_arrays
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source, name_gradients, order_by_shape
from chainrule.check.targets.pytorch.call import is_function

CONTEXTS = {"ctx", "context"}


class Context(SimpleNamespace):
    """Takes what a forward keeps for its backward, as attributes or by save_for_backward."""

    saved_tensors: tuple[Any, ...] = ()
    saved_arrays: tuple[Any, ...] = ()
    saved_values: tuple[Any, ...] = ()
    saved: tuple[Any, ...] = ()

    def save_for_backward(self, *values: Any) -> None:
        """Keep the values under the names that people read them by."""
        self.saved_tensors = self.saved_arrays = self.saved_values = self.saved = values


def make_own_function(function: Any, inputs: Mapping[str, Any], name: str) -> Target:
    """Return the target of a class with forward(ctx, x, …) and backward(ctx, dout), each call with a ctx of its own."""
    names = list_arrays(inputs)
    floats = [each for each in names if inputs[each].dtype.kind == "f"]

    def run(given: Mapping[str, Any]) -> tuple[Any, list[Any], Array]:
        made = call_theirs(function)
        keeps = not isinstance(made, Failure) and hasattr(made, "save_for_backward")
        ctx, passed = (made if keeps else Context()), list(restore({n: given[n] for n in inputs}, inputs).values())
        return ctx, passed, first(function.forward(ctx, *passed))

    def backward(dY: Array, **given: Any) -> Mapping[str, Any]:
        ctx, passed, _ = run(given)
        arrays = [value for value in passed if hasattr(value, "shape")]
        return name_gradients(order_by_shape(function.backward(ctx, dY), arrays), tuple(inputs), floats)

    return Target(name, lambda **given: run(given)[2], backward, source=find_source(function))


class OwnFunctionKind(Kind):
    """A class with forward(ctx, x, …) and backward(ctx, dout) that is none of PyTorch's."""

    rank = 80

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a class."""
        if not inspect.isclass(thing) or is_function(thing):
            return False
        return all(self._takes_context(getattr(thing, part, None)) for part in ("forward", "backward"))

    @staticmethod
    def _takes_context(part: Any) -> bool:
        return callable(part) and next(iter(list_arguments(part)), "").lower() in CONTEXTS

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a class."""
        return value if self.recognize(value) else None

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the arguments of the forward by name, without ctx."""
        return dict(list(super().list_arguments(thing).items())[1:])

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the Function."""
        return make_own_function(thing, inputs, name or thing.__name__), inputs


KINDS = (OwnFunctionKind(),)
