"""Functions in the course style as targets: with a cache, or losses that return their gradient."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, elsewhere, spoil
from chainrule.check.model.verdict import Row
from chainrule.check.targets.modes import vary_settings
from chainrule.check.targets.pair import find_source, name_gradients
from chainrule.check.trial.traps import probe_calls


def make_cached(forward: Callable[..., Any], backward: Callable[..., Any], inputs: Mapping[str, Any]) -> Target:
    """Return the target of forward(x, w, …) -> (out, cache) and backward(dout, cache) -> (dx, dw, …).

    Gradients stand in the order of the forward's arrays. Settings in dictionaries are copied for each call. Where
    backward takes several cotangents, as many outputs stand before the cache, and Y holds them one behind the other.
    The other mode, training or evaluation, is a variant where the settings tell it.
    """
    names = list_arrays(inputs)
    floats = [name for name in names if inputs[name].dtype.kind == "f"]
    count = len(inspect.signature(backward).parameters) - 1

    def run_forward(**given: Any) -> Array:
        result = forward(**_fresh(given))
        if count < 2:
            return first(result)
        return np.concatenate([np.reshape(output, -1) for output in result[:count]])

    def split(dY: Array, result: Any) -> list[Array]:
        if count < 2:
            return [dY]
        ends = np.cumsum([np.size(output) for output in result[:count]])[:-1]
        return [part.reshape(np.shape(Y)) for part, Y in zip(np.split(dY, ends), result, strict=False)]

    def finish(dY: Array, result: Any) -> Any:
        return backward(*split(dY, result), result[-1])

    def run_backward(dY: Array, **given: Any) -> Arrays:
        return name_gradients(finish(dY, forward(**_fresh(given))), names, floats)

    def run_twice(dY: Array, **given: Any) -> Arrays:
        result = forward(**_fresh(given))
        found = finish(dY.copy(), result)
        for gradient in found if isinstance(found, tuple) else (found,):
            spoil(gradient)
        return name_gradients(finish(dY, result), names, floats)

    def run_later(dY: Array, **given: Any) -> Arrays:
        result = forward(**_fresh(given))
        forward(**_fresh({**given, names[0]: elsewhere(given[names[0]])}))
        return name_gradients(finish(dY, result), names, floats)

    def probe(dY: Array, given: Arrays) -> Iterator[Row]:
        yield from probe_calls(run_backward, run_later, dY, given)

    source = find_source(forward)
    target = Target(_name(backward), run_forward, run_backward, again=run_twice, probe=probe, source=source)
    return replace(target, variants=lambda given: vary_settings(target, given, forward))


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
