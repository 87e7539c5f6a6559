"""Functions whose names tell in another way that one is the backward, or the derivative, of the other.

`sigmoid` and `sigmoid_prime(z)`, or of the output; `bwd_affine(g, x, w)`; `mse` and `mse_prime(y_true, y_pred)`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.model.directions import DERIVATIVE_WORDS, find_forward_name
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import calls, list_returned
from chainrule.check.model.names import CACHE, is_cotangent_name, is_gradient_of, is_target_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target
from chainrule.check.targets.cached_functions import first, list_arrays, make_cached
from chainrule.check.targets.kinds import Made, Namespace, list_arguments
from chainrule.check.targets.pair import Pair, PairKind, find_pair, find_source, name_gradients

FLAGS = DERIVATIVE_WORDS | {"derive", "derivation", "grad", "gradient", "backward", "back", "is_derivative", "is_grad"}
OUTPUTS_GIVEN, INPUTS_GIVEN = "derivative of Y, times dY", "derivative of {0}, times dY"


def find_named_pair(name: str, value: Any, own: Mapping[str, Any]) -> Pair | None:
    """Return the pair of a function with the forward that it belongs to by its name."""
    if not inspect.isfunction(value) or find_pair(name, value, own):
        return None
    functions = {each: f for each, f in own.items() if inspect.isfunction(f)}
    forward = find_forward_name(name, functions)
    return Pair(functions[forward], value) if forward else None


def make_derivative(pair: Pair, inputs: Mapping[str, Any], of_output: bool) -> Target:
    """Return the target of f(x) whose derivative is told entry by entry, or as a Jacobian: dx = dY · f'(x)."""
    (name,) = list_arrays(inputs)

    def forward(**given: Any) -> Array:
        return first(pair.forward(**given))

    def backward(dY: Array, **given: Any) -> Arrays:
        at = first(pair.forward(**given)) if of_output else given[name]
        rest = [value for key, value in given.items() if key != name][: _count(pair.backward) - 1]
        return {name: contract(dY, pair.backward(at, *rest))}

    called = f"{pair.backward.__name__} was called with {'Y' if of_output else name}, and dY multiplied"
    source = find_source(pair.forward)
    return Target(pair.backward.__name__, forward, backward, (name,), source=source, called=called if of_output else "")


def contract(dY: Array, slope: Any) -> Array:
    """Return dY times a derivative: of each entry by itself, or of every entry by every other of a row or a column."""
    slope = np.asarray(slope)
    if slope.shape == dY.shape or slope.ndim == 0:
        return dY * slope
    if slope.shape == dY.shape * 2:
        return np.tensordot(dY, slope, axes=dY.ndim)
    if slope.ndim == dY.ndim + 1 and slope.shape[:-1] == dY.shape:  # a Jacobian for each row
        return np.einsum("...k,...kj->...j", dY, slope)
    return dY * slope


def make_loss_derivative(pair: Pair, inputs: Mapping[str, Any], own: Sequence[str]) -> Target:
    """Return the target of a loss f(a, b) -> number and its derivative, by those of its arguments in `own`."""

    def backward(dY: Array, **given: Any) -> Arrays:
        arguments = list(given.values())[: _count(pair.backward)]
        return name_gradients(pair.backward(*arguments), own)

    constants = tuple(name for name in list_arrays(inputs) if name not in own)
    name = pair.backward.__name__
    source = find_source(pair.forward)
    return Target(name, lambda **given: first(pair.forward(**given)), backward, tuple(own), constants, True, source)


def _count(function: Callable[..., Any]) -> int:
    return len(list_arguments(function))


class NamedPairKind(PairKind):
    """A function and its backward or derivative, told by their names."""

    rank = 60

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the pair that a function of such a name belongs to."""
        return find_named_pair(name, value, file.own)

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target for each way in which the second function may be meant."""
        result = call_theirs(lambda: first(thing.forward(**inputs)))
        if isinstance(result, Failure) or result is None:
            yield self.make(thing, inputs, name, labels)
            return
        arrays, received = list_arrays(inputs), [n for n, v in list_arguments(thing.backward).items() if v is ...]
        is_pulled = thing.takes_cache and is_cotangent_name(received[0])  # what arrives is 1
        losses = [] if is_pulled else list(_list_losses(thing, inputs, np.ndim(result)))
        yield from losses
        if losses and sum(map(is_target_name, list_arrays(inputs))) == len(list_arrays(inputs)) - 1:
            return  # what is no target is the prediction, whatever else would be right
        takes_dY = any(is_cotangent_name(each) for each in received) or len(received) > len(inputs)
        if len(arrays) == 1 and len(received) <= len(inputs) and not takes_dY:
            yield make_derivative(thing, inputs, False), inputs
            if not calls(thing.backward, thing.forward.__name__):  # what computes Y is not given it
                yield make_derivative(thing, inputs, True), inputs
        if CACHE in received or (thing.takes_cache and received[0] not in inputs):
            yield make_cached(thing.forward, thing.backward, inputs), inputs
        if takes_dY or len(arrays) > 1:
            yield from super().make_all(thing, inputs, name, labels)


def _list_losses(pair: Pair, inputs: dict[str, Any], dimensions: int) -> Iterator[Made]:
    """Yield the targets of a loss: the gradient of a single array is that of the prediction, where names tell it."""
    arrays = [name for name in list_arrays(inputs) if inputs[name].dtype.kind == "f"]
    if dimensions or len(list_arrays(inputs)) < 2 or _count(pair.backward) > len(inputs):
        return
    owners = [next((n for n in arrays if is_gradient_of(each, n)), "") for each in list_returned(pair.backward)]
    if owners and all(owners):
        yield make_loss_derivative(pair, inputs, owners), inputs
    predicted = [name for name in arrays if not is_target_name(name)]
    for own in [[name] for name in (predicted if len(predicted) == 1 else arrays)]:
        target = make_loss_derivative(pair, inputs, own)
        yield replace(target, called=f"the derivative is taken for that of {own[0]}"), inputs


def find_flagged_pair(value: Any) -> Pair | None:
    """Return the pair that one function is, whose flag makes it return its derivative: `sigmoid(x, deriv=False)`."""
    arguments = list_arguments(value) if inspect.isfunction(value) else {}
    flag = next((n for n, default in arguments.items() if n.lower() in FLAGS and default in (False, 0)), "")
    if not flag or len(arguments) < 2:
        return None

    @functools.wraps(value)
    def forward(*given: Any, **named: Any) -> Any:
        return value(*given, **named)

    @functools.wraps(value)
    def derivative(*given: Any, **named: Any) -> Any:
        return value(*given, **named, **{flag: True})

    own = [p for p in inspect.signature(value).parameters.values() if p.name != flag]
    for each in (forward, derivative):
        each.__signature__ = inspect.Signature(own)  # type: ignore[attr-defined]
    return Pair(forward, derivative)


class FlaggedPairKind(NamedPairKind):
    """A function that returns its derivative where a flag says so."""

    rank = 59

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the pair that such a function is."""
        return find_flagged_pair(value)


KINDS = (NamedPairKind(), FlaggedPairKind())
