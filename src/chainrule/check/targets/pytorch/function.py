"""Subclasses of `torch.autograd.Function` as targets, in float64 on the CPU."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.model.literals import list_kept, list_none, list_saved
from chainrule.check.model.names import LABELS, MASKS, PARAMETERS, PLACES, SETTINGS
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Extras, Target, Variant, keep_sizes, restore
from chainrule.check.targets.cached_functions import list_arrays
from chainrule.check.targets.kinds import Kind, Made
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.pytorch.call import (
    Caller,
    is_function,
    list_floats,
    name_inputs,
    tells_context_apart,
    to_array,
    to_arrays,
)
from chainrule.check.targets.pytorch.in_use import probe_function
from chainrule.check.trial.inputs import accepts
from chainrule.errors import UserError

NUMBER = 0.7
ARRAYS = MASKS | PLACES | LABELS | PARAMETERS - {"scale"}  # what is no number by its name


def make_function(function: Any, inputs: Mapping[str, Any], place: int = 0, frozen: Sequence[str] = ()) -> Target:
    """Return the target of `function.apply`, whose inputs come in the order of its forward.

    Inputs that are `frozen` need no gradient. Y is the output at this place among those of floating point; each of the
    others is a variant, and so is the call without those inputs that forward does without. A gradient that is None is
    0, as it is to PyTorch.
    """
    floats = tuple(name for name in list_arrays(inputs) if inputs[name].dtype.kind == "f" and name not in frozen)
    caller = Caller(function, tuple(inputs), floats, place)

    def backward(dY: Array, **given: Any) -> Arrays:
        found = caller.find(restore(given, inputs), dY, floats)
        none = [name for name in floats if name not in found]
        none = [name for name in none if name not in caller.list_constants(restore(given, inputs))] if none else []
        return {**found, **{name: np.zeros_like(given[name]) for name in none}}

    def autograd(dY: Array, **given: Any) -> Arrays:
        import torch

        call, _ = caller.run_plainly(given, floats)
        found = torch.autograd.grad(call.Y, list(call.leaves.values()), call.cotangent(dY), allow_unused=True)
        return to_arrays(dict(zip(call.leaves, found, strict=True)))

    return Target(
        function.__name__,
        lambda **given: to_array(caller.run(restore(given, inputs)).Y),
        backward,
        source=find_source(function),
        extras=Extras(
            autograd=autograd,
            probe=lambda dY, given: probe_function(caller, dY, given),
            variants=lambda given: iter(()) if place else _vary(caller, given),
            resize=keep_sizes,
            is_single=True,
        ),
    )


def _vary(caller: Caller, given: Mapping[str, Any]) -> Iterator[Variant]:
    outputs = caller.run(given, caller.floats).outputs
    for place, k in enumerate(list_floats(outputs)):
        if place and outputs[k].requires_grad:
            target = make_function(caller.function, given, place)
            yield f"from output {k + 1} of {len(outputs)}", target, dict(given)
    for name in _list_optional(caller.function):
        without = {**given, name: None}
        target = make_function(caller.function, without).without_variants()
        if given.get(name) is not None and accepts(target, without):
            yield f"with {name}=None", target, without


def _list_optional(function: Any) -> list[str]:
    """Return the inputs that forward does without: those whose default is None."""
    return [p.name for p in inspect.signature(function.forward).parameters.values() if p.default is None]


def _is_static(function: Any, method: str) -> bool:
    return isinstance(inspect.getattr_static(function, method, None), staticmethod | classmethod)


class FunctionKind(Kind):
    """A subclass of `torch.autograd.Function`."""

    rank = 10
    is_function = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a class."""
        return is_function(thing)

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the arguments of the forward by name, without ctx."""
        arguments = super().list_arguments(thing)
        context = "" if tells_context_apart(thing) else next(iter(arguments), "")  # mostly ctx, and self in old texts
        return {name: default for name, default in arguments.items() if name not in ("ctx", context)}

    def guess_scalars(self, thing: Any) -> dict[str, Any]:
        """Return the arguments that ctx keeps as they are and of which backward returns None, and scales that it saves.

        One that the forward does not use otherwise is 1: it may scale a gradient on purpose. What is saved for backward
        is a tensor, though its name is that of a number.
        """
        kept, used = list_kept(thing.forward)
        every = self.list_arguments(thing)
        arguments = [name for name, default in every.items() if default is ...]
        none = {name for name, is_none in zip(every, list_none(thing.backward), strict=False) if is_none}
        plain = [n for n in arguments if n in kept & none and n.lower() not in ARRAYS]
        numbers = {name: SETTINGS.get(name.lower(), NUMBER if name in used else 1.0) for name in plain}
        saved = [n for n in list_saved(thing.forward) if n in arguments and isinstance(SETTINGS.get(n.lower()), float)]
        return {**numbers, **{name: np.full(1, SETTINGS[name.lower()]) for name in saved}}

    def name_inputs(self, thing: Any, values: Sequence[Any]) -> dict[str, Any]:
        """Return what `apply` is given by the names of the forward's arguments."""
        return name_inputs(thing, thing.forward, values)

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the Function; raise UserError where PyTorch does not call it any more."""
        if old := [m for m in ("forward", "backward") if not _is_static(thing, m)]:
            raise UserError(
                f"{thing.__name__}: {' and '.join(old)} {'are' if old[1:] else 'is'} not static: PyTorch refuses such "
                "a Function of the old style; put @staticmethod before them, take ctx in place of self, and call "
                f"{thing.__name__}.apply"
            )
        return make_function(thing, inputs), inputs


KINDS = (FunctionKind(),)
