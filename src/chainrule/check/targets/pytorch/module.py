"""Modules of PyTorch's as targets, in float64 on the CPU: every input and every parameter, in both modes.

Autograd differentiates a module; what a person can get wrong is a Function of his own within it, a hook, or a tensor
that leaves the graph. A Function that is wrong by itself, at the tensors that it is given there, is named as the cause.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.check.model.failure import call_theirs
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Extras, Part, Target, Variant, generator, restore
from chainrule.check.model.verdict import EVALUATION, TRAINING
from chainrule.check.targets.cached_functions import list_arrays
from chainrule.check.targets.kinds import Kind, Made, Namespace
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.pytorch.call import (
    hold_generator,
    hold_precision,
    is_function,
    is_module,
    is_module_class,
    list_floats,
    make_contiguous,
    name_inputs,
    tells_context_apart,
    to_array,
    to_arrays,
    to_tensor,
    to_tensors,
)
from chainrule.check.targets.pytorch.function import make_function

LEAVING = re.compile(r"\.apply\b|\.detach\b|\.data\b|\.numpy\b|\bno_grad\b|_hook\b")


def make_module(module: Any, inputs: Mapping[str, Any], name: str = "") -> Target:
    """Return the target of a module; its inputs are those of forward and the parameters by their names.

    It is checked in training mode, and in evaluation mode as a variant where that computes something else.
    """
    own = copy.deepcopy(module).double().cpu()
    return _make(own.train(), inputs, name or type(module).__name__)


def _list_parameters(module: Any) -> Arrays:
    """Return the parameters that are trained, by name; those that start as one number alone are drawn anew."""
    rng = generator(0, 2)
    arrays = {n: to_array(p.detach().cpu().double()) for n, p in module.named_parameters() if p.requires_grad}
    return {n: rng.normal(0.3, 1.0, a.shape) if a.size and np.ptp(a) == 0 else a for n, a in arrays.items()}


def leaves_autograd(kind: type, names: Collection[str]) -> bool:
    """Tell whether a module's text calls a Function by one of these names, or does what autograd does not follow.

    Of other modules autograd differentiates every line, so there is nothing of a person's to check.
    """
    text = inspect.getsource(kind)
    return bool(LEAVING.search(text)) or any(re.search(rf"\b{re.escape(name)}\b", text) for name in names)


def _make(module: Any, inputs: Mapping[str, Any], title: str) -> Target:
    def run(given: Mapping[str, Any], watched: Collection[str]) -> tuple[Any, dict[str, Any]]:
        import torch

        tensors, leaves = to_tensors(given, watched)
        parameters = {n: tensor.contiguous() for n, tensor in tensors.items() if n not in inputs}
        state = _copy_buffers(module, tensors) | parameters
        with torch.set_grad_enabled(bool(leaves)), hold_generator(tensors.values()) as start:
            outputs = torch.func.functional_call(module, state, tuple(tensors[n] for n in inputs))
            random = not torch.equal(torch.get_rng_state(), start)
        if random and not all(tensor.is_contiguous() for tensor in leaves.values()):  # they are drawn as memory lies
            return run(make_contiguous(given), watched)
        return _find_output(outputs), leaves

    def forward(**given: Any) -> Array:
        return to_array(run(restore(given, inputs), ())[0])

    def backward(dY: Array, **given: Any) -> Arrays:
        import torch

        floats = [n for n in list_arrays(given) if given[n].dtype.kind == "f"]
        Y, leaves = run(given, floats)
        with hold_precision(leaves.values()):
            found = torch.autograd.grad(Y, list(leaves.values()), to_tensor(dY).to(Y.dtype), allow_unused=True)
        return {n: np.zeros_like(given[n]) for n in floats} | to_arrays(dict(zip(leaves, found, strict=True)))

    def vary(given: Arrays) -> Iterator[Variant]:
        evaluating = _make(_use(module, [given[n] for n in inputs]).eval(), inputs, title)
        if not np.array_equal(forward(**given), evaluating.run(given)):
            yield EVALUATION, evaluating.without_variants(other_mode=(TRAINING, forward)), given

    def list_parts(given: Arrays) -> Iterator[Part]:
        with _recording() as calls:
            run(given, [n for n in list_arrays(given) if given[n].dtype.kind == "f"])
        return _list_parts(calls)

    source, extras = find_source(type(module)), Extras(variants=vary, parts=list_parts, is_single=True)
    return Target(title, forward, backward, source=source, extras=extras)


def _use(module: Any, values: list[Any]) -> Any:
    """Return a copy of a module that has run once, so that its running statistics are not 0 and 1."""
    import torch

    used = copy.deepcopy(module)
    with torch.no_grad(), hold_generator():  # what it raises is told elsewhere
        call_theirs(lambda: used(*(to_tensor(value) if hasattr(value, "shape") else value for value in values)))
    return used


def _copy_buffers(module: Any, tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Return copies of running statistics, which a call may change, and of what is not trained, as precise as X."""
    import torch

    single = any(getattr(tensor, "dtype", None) == torch.float32 for tensor in tensors.values())
    dtype = torch.float32 if single else torch.float64
    frozen = ((n, p.detach()) for n, p in module.named_parameters() if not p.requires_grad)
    buffers = (*module.named_buffers(), *frozen)
    return {n: (buffer.to(dtype) if buffer.is_floating_point() else buffer).clone() for n, buffer in buffers}


def _find_output(outputs: Any) -> Any:
    """Return the first output of floating point."""
    if isinstance(outputs, Mapping):
        outputs = tuple(outputs.values())
    flat = outputs if isinstance(outputs, tuple | list) else (outputs,)
    return flat[list_floats(tuple(flat))[0]]


@dataclass(frozen=True, eq=False)
class FunctionCall:
    """A Function that a module called, and what it was given; `frozen` are tensors that need no gradient there."""

    function: Any
    inputs: dict[str, Any]
    frozen: tuple[str, ...] = ()


@contextmanager
def _recording() -> Iterator[list[FunctionCall]]:
    """Collect the calls of Functions of a person's own that run within, as autograd calls their forward."""
    import torch

    calls: list[FunctionCall] = []
    kept = {kind: vars(kind).get("forward") for kind in _descend(torch.autograd.Function) if _is_own(kind)}
    recorded = {kind: staticmethod(_recorded(kind, kind.forward, calls)) for kind in kept}
    for kind, forward in recorded.items():
        kind.forward = forward
    try:
        yield calls
    finally:
        for kind, forward in kept.items():
            if forward is None:
                del kind.forward
            else:
                kind.forward = forward


def _recorded(kind: Any, forward: Callable[..., Any], calls: list[FunctionCall]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        given = arguments if tells_context_apart(kind) else arguments[1:]
        values = [to_array(a) if hasattr(a, "detach") else a for a in given]
        frozen = name_inputs(kind, forward, [hasattr(a, "requires_grad") and not a.requires_grad for a in given])
        named = name_inputs(kind, forward, values)
        calls.append(FunctionCall(kind, named, tuple(name for name, is_frozen in frozen.items() if is_frozen)))
        return forward(*arguments)

    return call


def _list_parts(calls: list[FunctionCall]) -> Iterator[Part]:
    """Yield the Functions that were called, each at the tensors that it was given."""
    for call in calls:
        if any(hasattr(a, "dtype") and a.dtype.kind == "f" for a in call.inputs.values()):
            target = make_function(call.function, call.inputs, frozen=call.frozen).without_variants()
            yield Part(target, call.inputs, inspect.getsourcelines(call.function)[1] if target.source else None)


def _descend(kind: Any) -> Iterator[Any]:
    each: Any
    for each in kind.__subclasses__():
        yield each
        yield from _descend(each)


def _is_own(kind: Any) -> bool:
    return not kind.__module__.startswith("torch.")


class ModuleKind(Kind):
    """A module of PyTorch's."""

    rank = 10
    is_class = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a module."""
        return is_module(thing)

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class of modules that something stands in which autograd does not follow, or that is wanted.

        So is one of which more than gradients can be told, or an object of such a class.
        """
        functions = [n for n, v in file.every.items() if is_function(getattr(v, "__self__", v))]  # and their `apply`
        if is_module(value):
            return value if name in file.told and type(value) not in file.own.values() else None
        meant = name == file.wanted or name in file.told
        return value if is_module_class(value) and (meant or leaves_autograd(value, functions)) else None

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the module, with its parameters."""
        return make_module(thing, inputs, name), {**inputs, **_list_parameters(thing)}


KINDS = (ModuleKind(),)
