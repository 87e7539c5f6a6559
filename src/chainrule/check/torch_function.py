"""Subclasses of `torch.autograd.Function` as targets, in float64 on the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.check.functions import list_arrays
from chainrule.check.pair import find_source
from chainrule.check.problem import Array, Arrays
from chainrule.check.target import Target


def make_function(function: Any, inputs: Mapping[str, Any]) -> Target:
    """Return the target of `function.apply`, whose inputs come in the order of its forward.

    An input for which backward returns None has no gradient. The forward does not see complex numbers, so that its
    truth is found by central differences.
    """
    import torch

    names = [name for name in list_arrays(inputs) if inputs[name].dtype.kind == "f"]

    def tensors(given: Mapping[str, Any], watched: bool) -> dict[str, Any]:
        arrays = {name: torch.tensor(given[name], requires_grad=watched) for name in names}
        integers = {n: torch.tensor(v) for n, v in given.items() if hasattr(v, "shape") and n not in names}
        return {**given, **integers, **arrays}

    def forward(**given: Any) -> Array:
        if any(given[name].dtype.kind == "c" for name in names):
            raise TypeError("the forward is given real numbers only")
        with torch.no_grad():
            Y: Array = function.apply(*tensors(given, False).values()).numpy()
        return Y

    def backward(dY: Array, **given: Any) -> Arrays:
        watched = tensors(given, True)
        Y = function.apply(*watched.values())
        leaves = [watched[name] for name in names]
        found = torch.autograd.grad(Y, leaves, torch.tensor(dY, dtype=Y.dtype), allow_unused=True)
        return {n: d.numpy() for n, d in zip(names, found, strict=True) if d is not None}

    return Target(function.__name__, forward, backward, source=find_source(function))
