"""Functions in the course style as targets: with a cache, or losses that return their gradient."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.model.directions import find_forward_name
from chainrule.check.model.failure import Failure, NoGradientError, call_theirs
from chainrule.check.model.names import BACKWARD, CACHE, find_labels
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, keep_sizes
from chainrule.check.targets.calls import make_called
from chainrule.check.targets.kinds import Kind, Made, Namespace, call_by_name, list_arguments
from chainrule.check.targets.modes import vary_settings
from chainrule.check.targets.pair import PairKind, find_pair, find_source, name_gradients


def make_cached(forward: Callable[..., Any], backward: Callable[..., Any], inputs: Mapping[str, Any]) -> Target:
    """Return the target of forward(x, w, …) -> (out, cache) and backward(dout, cache) -> (dx, dw, …).

    Gradients stand in the order of the forward's arrays. Settings in dictionaries are copied for each call. Where
    backward takes several cotangents, as many outputs stand before the cache, and Y holds them one behind the other.
    The other mode, training or evaluation, is a variant where the settings tell it. Settings that backward takes
    behind the cache are those of the forward.
    """
    names = list_arrays(inputs)
    floats = [name for name in names if inputs[name].dtype.kind == "f"]
    again = [name for name in list(inspect.signature(backward).parameters)[1:] if name in inputs and name != CACHE]
    count = len(inspect.signature(backward).parameters) - 1 - len(again)

    def call(settings: None, given: Arrays) -> tuple[Array, Any]:
        result, repeated = call_by_name(forward, _fresh(given)), {name: given[name] for name in again}
        return join_outputs(result, count), (result, repeated)

    def finish(settings: None, kept: tuple[Any, Arrays], dY: Array) -> Arrays:
        result, repeated = kept
        return name_gradients(backward(*split_cotangent(dY, result[:count]), result[-1], **repeated), names, floats)

    target = make_called(_name(backward), lambda given: None, call, finish, names[0], source=find_source(forward))
    target = replace(target, cotangents=list_cotangents(backward, count))
    return target.with_extras(variants=lambda given: vary_settings(target, given, forward), resize=keep_sizes)


def join_outputs(result: Any, count: int) -> Array:
    """Return the first output, or the first few where there are several, one behind the other."""
    return first(result) if count < 2 else np.concatenate([np.reshape(output, -1) for output in result[:count]])


def split_cotangent(dY: Array, outputs: Sequence[Array]) -> list[Array]:
    """Return the cotangents of several outputs, which lie one behind the other; that of one as it is."""
    if len(outputs) < 2:
        return [dY]
    ends = np.cumsum([np.size(output) for output in outputs])[:-1]
    return [part.reshape(np.shape(Y)) for part, Y in zip(np.split(dY, ends), outputs, strict=True)]


def list_cotangents(backward: Callable[..., Any], count: int) -> tuple[str, ...]:
    """Return the names of the cotangents that a backward takes first, where there are several."""
    return tuple(list_arguments(backward))[:count] if count > 1 else ()


def make_loss_function(loss: Callable[..., Any], inputs: Mapping[str, Any]) -> Target:
    """Return the target of loss(x, y) -> (loss, dx), with more gradients behind dx where there are more."""
    names = list_arrays(inputs)

    def run_backward(dY: Array, **given: Any) -> Arrays:
        _, *gradients = loss(**_fresh(given))
        return name_gradients(tuple(gradients), names)

    def run_forward(**given: Any) -> Array:
        return first(loss(**_fresh(given)))

    constants = tuple(names[1:])
    return Target(_name(loss), run_forward, run_backward, constants=constants, loss=True, source=find_source(loss))


def first(result: Any) -> Array:
    """Return the output of a forward that may return a cache behind it."""
    return result[0] if isinstance(result, tuple) else result


def list_arrays(inputs: Mapping[str, Any]) -> Sequence[str]:
    """Return the names of the inputs that have entries."""
    return [name for name, value in inputs.items() if hasattr(value, "shape")]


def _fresh(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs with dictionaries copied; arrays stay what they are, for they may be recorders."""
    return {name: copy.deepcopy(value) if isinstance(value, dict) else value for name, value in given.items()}


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "function")


class CachedKind(PairKind):
    """affine_forward(x, w, b) -> (out, cache) and affine_backward(dout, cache) -> (dx, dw, db)."""

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the pair that a backward with a cache belongs to."""
        pair = find_pair(name, value, file.own)
        return pair if pair and pair.takes_cache else None

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the pair."""
        return make_cached(thing.forward, thing.backward, inputs), inputs

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target with what the forward kept last; where it is not called cache, those of other ways too."""
        yield self.make(thing, inputs, name, labels)
        if CACHE not in list_arguments(thing.backward):
            yield from super().make_all(thing, inputs, name, labels)


class LossFunctionKind(Kind):
    """softmax_loss(x, y) -> (loss, dx)."""

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a function that is a loss by its name and its second argument, and has no backward beside it."""
        if not inspect.isfunction(value) or "loss" not in name.lower() or name.find(BACKWARD) > 0:
            return None
        labels = find_labels(list(list_arguments(value))[:2])
        functions = [each for each, own in file.own.items() if inspect.isfunction(own)]
        is_paired = find_forward_name(name, functions) or any(find_forward_name(n, [name]) for n in functions)
        return value if labels and not is_paired else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the function itself."""
        function: Callable[..., Any] = thing
        return function

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the loss; raise NoGradientError where it returns one number and nothing beside it."""
        result = call_theirs(lambda: thing(**_fresh(inputs)))
        if not isinstance(result, Failure | tuple | list) and np.ndim(result) == 0:
            raise NoGradientError(f"{name}: it returns a loss alone, and no gradient of it is in the file")
        return make_loss_function(thing, inputs), inputs

    def fits(self, Y: Array) -> bool:
        """Tell whether an output is one number."""
        return Y.ndim == 0


KINDS = (CachedKind(), LossFunctionKind())
