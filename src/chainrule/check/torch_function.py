"""Subclasses of `torch.autograd.Function` as targets, in float64 on the CPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from chainrule.check.differences import extrapolated_slope
from chainrule.check.functions import list_arrays
from chainrule.check.pair import find_source
from chainrule.check.problem import Array, Arrays
from chainrule.check.target import Target, generator
from chainrule.check.tolerance import SAFETY

SECOND = (
    "the second derivative is wrong or missing: write backward in differentiable operations of saved tensors, "
    "or mark it @once_differentiable"
)
SECOND_STEP = 0.01


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

    def second(dY: Array, given: Mapping[str, Any]) -> str:
        moves = {name: generator(2).normal(size=given[name].shape) for name in names}

        def along(t: float) -> float:
            moved = backward(dY, **{**given, **{name: given[name] + t * moves[name] for name in names}})
            return float(sum(np.sum(d * moves[name]) for name, d in moved.items()))

        true = extrapolated_slope(along, SECOND_STEP, abs(along(0.0)) * float(np.finfo(np.float64).eps))
        found = _second_slope(function, tensors(given, True), dY, moves)
        return (
            "" if found is None or abs(found - true.value) <= SAFETY * true.error + 1e-6 * abs(true.value) else SECOND
        )

    return Target(function.__name__, forward, backward, second=second, source=find_source(function))


def _second_slope(function: Any, watched: Mapping[str, Any], dY: Array, moves: Mapping[str, Array]) -> float | None:
    """Return the slope of the gradient along `moves`, by autograd; None where backward is once_differentiable."""
    import torch

    leaves = [watched[name] for name in moves]
    directions = [torch.tensor(move) for move in moves.values()]
    Y = function.apply(*watched.values())
    try:
        cotangent = torch.tensor(dY, requires_grad=True)
        once = torch.autograd.grad(Y, leaves, cotangent, create_graph=True, allow_unused=True)
        parts = [torch.sum(d * move) for d, move in zip(once, directions, strict=True) if d is not None]
        torch.stack(parts).sum().backward()  # unlike torch.autograd.grad, it comes upon the mark
    except RuntimeError as error:
        return None if "once_differentiable" in str(error) else float("nan")
    twice = zip((leaf.grad for leaf in leaves), directions, strict=True)
    return sum(float(torch.sum(d * move)) for d, move in twice if d is not None)
