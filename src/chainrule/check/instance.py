"""Objects in the practical's style as targets: forward(x), backward(dout), parameters and gradients kept inside."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.functions import first
from chainrule.check.pair import find_source
from chainrule.check.problem import Array, Arrays
from chainrule.check.target import Target

GRADIENT_NAMES = ("d{}", "grad_{}", "{}_grad", "d_{}")


def make_instance(instance: Any, inputs: Mapping[str, Any], name: str) -> Target:
    """Return the target of an object with forward(x) and backward(dout), each call on a copy of it.

    Parameters stand in a dictionary `params` with gradients in `grads`, or in attributes (W with its gradient in dW,
    grad_W, W_grad or d_W).
    """
    x = next(iter(inputs))
    parameters = tuple(list_parameters(instance))

    def prepare(given: Mapping[str, Array]) -> Any:
        fresh = copy.deepcopy(instance)
        for parameter in parameters:
            _store(fresh, parameter, given[parameter])
        return fresh

    def forward(**given: Array) -> Array:
        return first(prepare(given).forward(given[x]))

    def run_backward(dY: Array, given: Mapping[str, Array], times: int) -> Arrays:
        fresh = prepare(given)
        result = fresh.forward(given[x])
        cache = result[1:] if isinstance(result, tuple) else ()
        for _ in range(times):
            back = fresh.backward(dY.copy(), *cache)
        dX, *rest = back if isinstance(back, tuple) else (back,)
        named = rest[0] if rest and isinstance(rest[0], Mapping) else dict(_gradients(fresh, parameters))
        return {x: dX, **named}

    return Target(
        name,
        forward,
        lambda dY, **given: run_backward(dY, given, 1),
        required=(x, *parameters),
        again=lambda dY, **given: run_backward(dY, given, 2),
        source=find_source(type(instance)),
    )


def make_loss_instance(instance: Any, inputs: Mapping[str, Any], name: str) -> Target:
    """Return the target of an object with forward(x, y) -> loss and backward(x, y) -> dx."""
    x, y = inputs

    def forward(**given: Array) -> Array:
        return first(copy.deepcopy(instance).forward(given[x], given[y]))

    def backward(dY: Array, **given: Array) -> Arrays:
        fresh = copy.deepcopy(instance)
        fresh.forward(given[x], given[y])
        wanted = len(inspect.signature(fresh.backward).parameters)
        return {x: fresh.backward(*(given[x], given[y])[:wanted])}

    source = find_source(type(instance))
    return Target(name, forward, backward, (x,), (y,), loss=True, source=source)


def list_parameters(instance: Any) -> dict[str, Array]:
    """Return the parameters of an object by name: those in `params`, else the attributes that are arrays of floats."""
    held = getattr(instance, "params", None)
    arrays = held if isinstance(held, Mapping) else vars(instance)
    floats = {n: a for n, a in arrays.items() if isinstance(a, np.ndarray) and a.dtype.kind == "f" and a.size}
    if isinstance(held, Mapping):
        return floats
    return {n: a for n, a in floats.items() if not n.startswith(("d", "grad", "_", "running")) and "grad" not in n}


def _store(instance: Any, name: str, value: Array) -> None:
    if isinstance(getattr(instance, "params", None), Mapping):
        instance.params[name] = value
    else:
        setattr(instance, name, value)


def _gradients(instance: Any, parameters: tuple[str, ...]) -> Iterator[tuple[str, Array]]:
    held = getattr(instance, "grads", None)
    for name in parameters:
        names = [form.format(name) for form in GRADIENT_NAMES]
        if isinstance(held, Mapping):
            found = next((held[n] for n in (name, *names) if held.get(n) is not None), None)
        else:
            found = next((getattr(instance, n) for n in names if getattr(instance, n, None) is not None), None)
        if found is not None:
            yield name, found
