"""The second derivative of a Function of PyTorch's: right, refused by `once_differentiable`, or wrong, and why."""

from __future__ import annotations

import ast
import math
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.problem import Array
from chainrule.check.model.target import generator
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.targets.pytorch.call import Caller, to_array
from chainrule.check.trial.differences import extrapolated_slope

STEP = 0.01
REPAIR = "or mark backward @once_differentiable, which refuses a second derivative"
LEAVING = re.compile(r"\.(?:detach|data|numpy|item|tolist)\b|\bno_grad\b")  # what autograd does not follow


def probe_second(caller: Caller, dY: Array, given: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the second derivative, if anything is, and what to do."""
    moves = {name: generator(2).normal(size=given[name].shape) for name in caller.floats}

    def along(t: float) -> float:
        """Return the slope of Σ dY Y along the moves, at inputs moved by t."""
        found = caller.find({**given, **{name: given[name] + t * moves[name] for name in moves}}, dY, caller.floats)
        return float(sum(np.sum(d * moves[name]) for name, d in found.items()))

    eps = float(np.finfo(to_array(caller.run(given).Y).dtype).eps)
    true = extrapolated_slope(along, STEP, abs(along(0.0)) * eps)
    found = _second_slope(caller, dY, given, moves)
    if found is not None and not abs(found - true.value) <= SAFETY * true.error + math.sqrt(eps) * abs(true.value):
        yield f"the second derivative is wrong: {_find_reason(caller, given)}, {REPAIR}"


def _second_slope(caller: Caller, dY: Array, given: Mapping[str, Any], moves: Mapping[str, Array]) -> float | None:
    """Return the slope of the gradient along the moves, by autograd; None where backward is once_differentiable."""
    import torch

    call = caller.run(given, caller.floats)
    leaves = list(call.leaves.values())
    directions = [torch.tensor(move) for move in moves.values()]
    try:
        cotangent = call.cotangent(dY).clone().requires_grad_() * 1.0  # a leaf could not be changed in place
        once = torch.autograd.grad(call.Y, leaves, cotangent, create_graph=True, allow_unused=True)
        parts = [torch.sum(d * move) for d, move in zip(once, directions, strict=True) if d is not None]
        torch.stack(parts).sum().backward()  # unlike torch.autograd.grad, it comes upon the mark
    except RuntimeError as error:
        return None if "once_differentiable" in str(error) else float("nan")
    twice = zip((leaf.grad for leaf in leaves), directions, strict=True)
    return sum(float(torch.sum(d * move)) for d, move in twice if d is not None)


def _find_reason(caller: Caller, given: Mapping[str, Any]) -> str:
    """Say what autograd does not follow: a saved result, or what leaves autograd in the text of backward."""
    if kept := _list_kept(caller, given):
        names = " and ".join(kept)
        are, them = ("is a constant", "it") if len(kept) == 1 else ("are constants", "them")
        return f"{names}, computed in forward and kept, {are} to autograd in backward; compute {them} there again"
    if leaving := LEAVING.search(read_source(caller.function.backward)):
        return f"`{leaving[0].lstrip('.')}` in backward leaves autograd; write backward in operations that it follows"
    return "write backward in differentiable operations of saved inputs and outputs"


def _list_kept(caller: Caller, given: Mapping[str, Any]) -> list[str]:
    """Return the names of what forward computes and keeps for backward, neither an input nor an output."""
    ran = call_theirs(lambda: caller.run_plainly(given))
    if isinstance(ran, Failure):  # it may need the true ctx
        return []
    call, context = ran
    known = [*call.tensors.values(), *call.outputs]
    saved = zip(_name_saved(caller.function, len(context.saved_tensors)), context.saved_tensors, strict=True)
    attributes = ((f"ctx.{name}", value) for name, value in vars(context).items())
    tensors = [(name, value) for name, value in (*saved, *attributes) if hasattr(value, "is_floating_point")]
    return [n for n, value in tensors if value.is_floating_point() and not any(value is other for other in known)]


def _name_saved(function: Any, count: int) -> list[str]:
    """Return the arguments of `save_for_backward` as they are written."""
    for method in (function.forward, function.setup_context):
        tree = ast.parse(textwrap.dedent(read_source(method)))
        calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
        for node in calls:
            if ast.unparse(node.func).endswith("save_for_backward") and len(node.args) == count:
                return [ast.unparse(argument) for argument in node.args]
    return ["a saved tensor"] * count
