"""Calls of a `torch.autograd.Function`: arrays in, outputs with their graph out, gradients by its backward.

The forward can also be run as what its text says, ordinary operations of PyTorch's with a stand-in for ctx, so that
autograd differentiates it without the person's backward. PyTorch's generator is at one state in each call, so that a
mask that is drawn stays.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, NoGradientError, call_theirs
from chainrule.check.model.names import BIASES, CONSTANTS, FIRST_INPUTS, WEIGHTS, is_buffer_name
from chainrule.check.model.problem import Array, Arrays

SEED = 20


@dataclass
class Context:
    """Takes what a forward tells its ctx, and keeps it."""

    needs_input_grad: tuple[bool, ...]
    saved_tensors: tuple[Any, ...] = ()
    dirty: tuple[Any, ...] = ()

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep the tensors that backward is to see."""
        self.saved_tensors = tensors

    def mark_dirty(self, *tensors: Any) -> None:
        """Keep the inputs that forward changes in place."""
        self.dirty = tensors

    def save_for_forward(self, *tensors: Any) -> None:
        """Take what forward mode would need."""

    def mark_non_differentiable(self, *tensors: Any) -> None:
        """Take which outputs have no gradient."""

    def set_materialize_grads(self, value: bool) -> None:
        """Take whether a missing cotangent is to be zeros."""


@dataclass(frozen=True, eq=False)
class Call:
    """One call: what went in by name, those of it that are watched, and all outputs; `place` is Y's among these.

    `random` tells whether the forward drew random numbers.
    """

    tensors: dict[str, Any]
    leaves: dict[str, Any]
    outputs: tuple[Any, ...]
    place: int
    random: bool = False

    @property
    def Y(self) -> Any:
        """The output that is differentiated."""
        return self.outputs[self.place]

    def cotangent(self, dY: Any) -> Any:
        """Return dY, an array or a tensor, as a tensor of Y's precision."""
        return to_tensor(dY).to(self.Y.dtype)


@dataclass(frozen=True, eq=False)
class Caller:
    """A Function, the names of its inputs in order, and of those of floating point; Y is its `place`th such output."""

    function: Any
    names: tuple[str, ...]
    floats: tuple[str, ...]
    place: int = 0

    def run(self, given: Mapping[str, Any], watched: Collection[str] = (), fresh: bool = False) -> Call:
        """Call `apply` on arrays or tensors, with a graph for those watched; `fresh` passes copies of the leaves."""
        import torch

        tensors, leaves = to_tensors(given, watched)
        passed = {**tensors, **{name: leaf.clone() for name, leaf in leaves.items() if fresh}}
        try:
            with torch.set_grad_enabled(bool(leaves)), hold_generator(passed.values()) as start:
                outputs = self.function.apply(*passed.values())
                random = not torch.equal(torch.get_rng_state(), start)
        except RuntimeError as error:
            if fresh or "leaf" not in str(error):
                raise
            return self.run(given, watched, fresh=True)  # the forward changes an input in place
        if random and not all(tensor.is_contiguous() for tensor in leaves.values()):  # they are drawn as memory lies
            return self.run(make_contiguous(given), watched)
        return replace(self._state(passed, leaves, outputs), random=random)

    def run_plainly(self, given: Mapping[str, Any], watched: Collection[str] = ()) -> tuple[Call, Context]:
        """Run the text of the forward as ordinary operations."""
        import torch

        tensors, leaves = to_tensors(given, watched)
        passed = {**tensors, **{name: leaf.clone() for name, leaf in leaves.items()}}
        context = Context(tuple(name in leaves for name in self.names))
        with torch.set_grad_enabled(bool(leaves)), hold_generator(passed.values()):
            if tells_context_apart(self.function):
                outputs = self.function.forward(*passed.values())
                self.function.setup_context(context, tuple(passed.values()), outputs)
            else:
                outputs = self.function.forward(context, *passed.values())
        return self._state(passed, leaves, outputs), context

    def list_constants(self, given: Mapping[str, Any]) -> list[str]:
        """Return the inputs of which None is right: by their names, or for forward keeps them in ctx and saves others.

        What a forward sets as an attribute of its ctx, and does not save, is a number to it; X and weights are not.
        """
        named = [name for name in self.floats if name.lower() in CONSTANTS or is_buffer_name(name)]
        ran = call_theirs(lambda: self.run_plainly(given))
        if isinstance(ran, Failure):  # it may need the true ctx
            return named
        call, context = ran
        kept, saved = ([id(value) for value in held] for held in (vars(context).values(), context.saved_tensors))
        free = [name for name in self.floats[1:] if name.lower() not in WEIGHTS | BIASES | FIRST_INPUTS]
        return [*named, *(n for n in free if id(call.tensors[n]) in kept and id(call.tensors[n]) not in saved)]

    def find(self, given: Mapping[str, Any], dY: Any, watched: Collection[str]) -> Arrays:
        """Return the gradients that PyTorch makes of the backward; those that are None are left out.

        Where PyTorch refuses their number or shapes, they are returned as backward returns them.
        """
        import torch

        call = self.run(given, watched)
        if not call.Y.requires_grad:
            return {}
        leaves = list(call.leaves.values())
        try:
            with hold_precision(call.tensors.values()):
                found = torch.autograd.grad(call.Y, leaves, call.cotangent(dY), allow_unused=True)
        except RuntimeError as error:
            if not any(words in str(error) for words in ("number of gradients", "invalid gradient")):
                raise
            returned = dict(zip(self.names, self.find_returned(given, dY, watched), strict=False))
            return to_arrays({name: returned.get(name) for name in watched})
        return to_arrays(dict(zip(call.leaves, found, strict=True)))

    def find_returned(self, given: Mapping[str, Any], dY: Any, watched: Collection[str]) -> tuple[Any, ...]:
        """Return what backward itself returns; () where Y is not the Function's own output."""
        import torch

        call = self.run(given, watched)
        node = call.Y.grad_fn
        if not hasattr(node, "_forward_cls"):
            return ()
        zeros = [torch.zeros_like(output) for output in call.outputs]
        cotangents = [*zeros[: call.place], call.cotangent(dY), *zeros[call.place + 1 :]]
        with torch.no_grad(), hold_precision(call.tensors.values()):
            returned = node._forward_cls.backward(node, *cotangents)
        return tuple(returned) if isinstance(returned, tuple | list) else (returned,)

    def _state(self, tensors: dict[str, Any], leaves: dict[str, Any], outputs: Any) -> Call:
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        floats = list_floats(outputs)
        if not floats:
            raise NoGradientError(f"{self.function.__name__}: it returns whole numbers alone, which have no gradient")
        return Call(tensors, leaves, outputs, floats[self.place])


def is_function(value: Any) -> bool:
    """Tell whether a value is a subclass of `torch.autograd.Function`, without loading PyTorch."""
    torch = sys.modules.get("torch")
    return torch is not None and inspect.isclass(value) and issubclass(value, torch.autograd.Function)


def is_module(value: Any) -> bool:
    """Tell whether a value is a module of PyTorch's, without loading PyTorch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def is_module_class(value: Any) -> bool:
    """Tell whether a value is a class of such modules."""
    torch = sys.modules.get("torch")
    return torch is not None and inspect.isclass(value) and issubclass(value, torch.nn.Module)


def tells_context_apart(function: Any) -> bool:
    """Tell whether a Function has a `setup_context`, so that its forward takes no ctx."""
    import torch

    return function.setup_context is not torch.autograd.Function.setup_context


def name_inputs(function: Any, forward: Callable[..., Any], values: Sequence[Any]) -> dict[str, Any]:
    """Return what a Function is given by the names of its forward's arguments; those in *args have a number each."""
    parameters = list(inspect.signature(forward).parameters.values())[0 if tells_context_apart(function) else 1 :]
    names = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)][: len(values)]
    names += [f"input{k}" for k in range(len(names), len(values))]
    return dict(zip(names, values, strict=True))


def list_floats(outputs: tuple[Any, ...]) -> list[int]:
    """Return the places of the outputs that are of floating point."""
    tensors = ((k, Y) for k, Y in enumerate(outputs) if hasattr(Y, "is_floating_point"))
    return [k for k, Y in tensors if Y.is_floating_point() or Y.is_complex()]


def to_tensor(value: Any) -> Any:
    """Return a tensor that shares an array's memory, where its strides allow that; a tensor without its graph."""
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach()
    array = np.asarray(value)
    if any(stride < 0 for stride in array.strides) or not array.flags.writeable:
        array = array.copy()
    return torch.from_numpy(array) if array.ndim else torch.tensor(array)


def to_arrays(tensors: Mapping[str, Any]) -> Arrays:
    """Return tensors as arrays of their own memory; those that are None are left out."""
    return {name: to_array(tensor) for name, tensor in tensors.items() if tensor is not None}


def to_array(tensor: Any) -> Array:
    """Return a tensor, or a number, as an array of its own memory; NumPy has no bfloat16, float32 holds it."""
    import torch

    plain = torch.as_tensor(tensor).detach().resolve_conj().resolve_neg()
    return np.array((plain.to(torch.float32) if plain.dtype == torch.bfloat16 else plain).numpy())


def to_tensors(given: Mapping[str, Any], watched: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the inputs with tensors for arrays, that lie in memory as these do, and those that are watched."""
    tensors = {name: _copy(to_tensor(value)) if hasattr(value, "shape") else value for name, value in given.items()}
    return tensors, {name: tensors[name].requires_grad_() for name in watched}


def make_contiguous(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs with arrays as tensors that lie in memory without gaps."""
    return {n: to_tensor(value).contiguous() if hasattr(value, "shape") else value for n, value in given.items()}


def _copy(tensor: Any) -> Any:
    import torch

    return torch.empty_strided(tensor.size(), tensor.stride(), dtype=tensor.dtype).copy_(tensor)


@contextmanager
def hold_generator(tensors: Iterable[Any] = ()) -> Iterator[Any]:
    """Set PyTorch's generator to the one state, which is yielded, and set it back.

    What is made meanwhile without a precision, `torch.zeros(3)` or a quotient of integers, has that of the tensors.
    """
    import torch

    with torch.random.fork_rng(devices=[]), hold_precision(tensors):
        torch.default_generator.manual_seed(SEED)  # torch.manual_seed seeds every device, and is slow
        yield torch.get_rng_state()


@contextmanager
def keep_modes_of_torch() -> Iterator[None]:
    """Set back whether PyTorch records for autograd, and its usual precision, once a person's file has run."""
    torch = sys.modules.get("torch")
    records, usual = (torch.is_grad_enabled(), torch.get_default_dtype()) if torch else (True, None)
    try:
        yield
    finally:
        if torch := sys.modules.get("torch"):
            torch.set_grad_enabled(records)
            torch.set_default_dtype(usual or torch.float32)


@contextmanager
def hold_precision(tensors: Iterable[Any]) -> Iterator[None]:
    """Make float64 the precision of what is made without one, where some of the tensors and no others are of it."""
    import torch

    usual = torch.get_default_dtype()
    given = {each.dtype for each in tensors if isinstance(each, torch.Tensor)}
    torch.set_default_dtype(torch.float64 if torch.float64 in given and torch.float32 not in given else usual)
    try:
        yield
    finally:
        torch.set_default_dtype(usual)
