"""Operators made with PyTorch's `custom_op`, with the backward that register_autograd gave them."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, restore
from chainrule.check.targets.cached_functions import list_arrays
from chainrule.check.targets.kinds import Kind, Made
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.pytorch.call import (
    hold_generator,
    hold_precision,
    list_floats,
    to_array,
    to_arrays,
    to_tensor,
    to_tensors,
)
from chainrule.errors import UserError


def is_custom_op(value: Any) -> bool:
    """Tell whether a value is such an operator, without loading PyTorch."""
    return "torch" in sys.modules and type(value).__name__ == "CustomOpDef"


def make_custom_op(op: Any, inputs: Mapping[str, Any], name: str) -> Target:
    """Return the target of an operator, whose inputs come in the order of its function's arguments."""
    floats = tuple(n for n in list_arrays(inputs) if inputs[n].dtype.kind == "f")

    def run(given: Mapping[str, Any], watched: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
        tensors, leaves = to_tensors(restore(given, inputs), watched)
        with hold_generator(tensors.values()):
            outputs = op(*tensors.values())
        outputs = outputs if isinstance(outputs, tuple | list) else (outputs,)
        return outputs[list_floats(tuple(outputs))[0]], leaves

    def forward(**given: Any) -> Array:
        return to_array(run(given, ())[0])

    def backward(dY: Array, **given: Any) -> Arrays:
        import torch

        Y, leaves = run(given, floats)
        if not Y.requires_grad:
            return {}
        with hold_precision(leaves.values()):
            found = torch.autograd.grad(Y, list(leaves.values()), to_tensor(dY).to(Y.dtype), allow_unused=True)
        return to_arrays(dict(zip(leaves, found, strict=True)))

    return Target(name, forward, backward, floats, source=find_source(op._init_fn))


class CustomOpKind(Kind):
    """An operator made with PyTorch's `custom_op`."""

    rank = 8
    is_function = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such an operator."""
        return is_custom_op(thing)

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the function that the operator was made of."""
        function: Callable[..., Any] = thing._init_fn
        return function

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the operator; raise UserError where it has no backward."""
        name = name or thing._name
        if getattr(thing, "_backward_fn", None) is None:
            raise UserError(f"{name}: it has no backward yet; give it one with {name}.register_autograd(backward)")
        return make_custom_op(thing, inputs, name), inputs

    def list_helpers(self, value: Any) -> tuple[Any, ...]:
        """Return the functions that it is made of."""
        if not is_custom_op(value):
            return ()
        parts = (getattr(value, each, None) for each in ("_init_fn", "_backward_fn", "_setup_context_fn"))
        return tuple(part for part in parts if inspect.isfunction(part))


KINDS = (CustomOpKind(),)
