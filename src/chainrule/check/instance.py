"""Objects in the practical's style as targets: forward(x), backward(dout), parameters and gradients kept inside."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.functions import first
from chainrule.check.pair import find_source
from chainrule.check.problem import Array, Arrays
from chainrule.check.target import Target, elsewhere, spoil
from chainrule.check.traps import probe_calls
from chainrule.check.verdict import Row

GRADIENT_NAMES = ("d{}", "grad_{}", "{}_grad", "d_{}")


def make_instance(instance: Any, inputs: Mapping[str, Any], name: str) -> Target:
    """Return the target of an object with forward(x) and backward(dout), each call on a copy of it.

    Parameters stand in a dictionary `params` with gradients in `grads`, or in attributes (W with its gradient in dW,
    grad_W, W_grad or d_W), in the object or in those that it is made of.
    """
    x = next(iter(inputs))
    parameters = tuple(list_parameters(instance, inputs[x]))

    def prepare(given: Mapping[str, Array]) -> Any:
        fresh = copy.deepcopy(instance)
        for prefix, part in _parts(fresh):
            for parameter in _list_own(part):
                if prefix + parameter in parameters:
                    _store(part, parameter, given[prefix + parameter])
        return fresh

    def forward(**given: Array) -> Array:
        return first(prepare(given).forward(given[x]))

    def finish(fresh: Any, result: Any, dY: Array, times: int = 1) -> Arrays:
        cache = result[1:] if isinstance(result, tuple) else ()
        back = fresh.backward(dY.copy(), *cache)
        for _ in range(times - 1):
            spoil(first(back))
            back = fresh.backward(dY.copy(), *cache)
        dX, *rest = back if isinstance(back, tuple) else (back,)
        named = rest[0] if rest and isinstance(rest[0], Mapping) else dict(_gradients(fresh, parameters))
        return {x: dX, **named}

    def run_backward(dY: Array, **given: Array) -> Arrays:
        fresh = prepare(given)
        return finish(fresh, fresh.forward(given[x]), dY)

    def run_twice(dY: Array, **given: Array) -> Arrays:
        fresh = prepare(given)
        return finish(fresh, fresh.forward(given[x]), dY, times=2)

    def run_later(dY: Array, **given: Array) -> Arrays:
        fresh, drawing = prepare(given), prepare(given)
        if not np.array_equal(first(drawing.forward(given[x])), first(drawing.forward(given[x]))):
            return {}  # it draws a mask at each forward, so that no two are the same
        fresh.forward(elsewhere(given[x]))
        return finish(fresh, fresh.forward(given[x]), dY)

    def probe(dY: Array, given: Arrays) -> Iterator[Row]:
        yield from probe_calls(run_backward, run_later, dY, given)

    source, required = find_source(type(instance)), (x, *parameters)
    return Target(name, forward, run_backward, required, again=run_twice, probe=probe, source=source)


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


def list_parameters(instance: Any, X: Array) -> dict[str, Array]:
    """Return the parameters of an object by name: those in `params`, else the attributes that are arrays of floats.

    What forward(X) replaces or changes is no parameter, but a cache or a running statistic.
    """
    tried = copy.deepcopy(instance)
    before = {prefix + n: (a, a.copy()) for prefix, part in _parts(tried) for n, a in _list_own(part).items()}
    try:
        tried.forward(elsewhere(X))
    except Exception:  # a person's forward refuses in any way it likes, and is told elsewhere
        after = {name: array for name, (array, _) in before.items()}
    else:
        after = {prefix + n: a for prefix, part in _parts(tried) for n, a in _list_own(part).items()}
    return {n: a for n, (a, copied) in before.items() if after.get(n) is a and np.array_equal(a, copied)}


def _parts(instance: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the object and those that it is made of, each with the prefix of its parameters' names."""
    yield prefix, instance
    for name, value in getattr(instance, "__dict__", {}).items():
        for key, part in _list_members(value):
            if callable(getattr(part, "forward", None)) and callable(getattr(part, "backward", None)):
                yield from _parts(part, f"{prefix}{name}.{key}")


def _list_members(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(f"{key}.", member) for key, member in value.items()]
    if isinstance(value, list | tuple):
        return [(f"{number}.", member) for number, member in enumerate(value)]
    return [("", value)]


def _list_own(instance: Any) -> dict[str, Array]:
    held = getattr(instance, "params", None)
    arrays = held if isinstance(held, Mapping) else getattr(instance, "__dict__", {})
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
    for prefix, part in _parts(instance):
        held = getattr(part, "grads", None)
        for name in _list_own(part):
            names = [form.format(name) for form in GRADIENT_NAMES]
            if isinstance(held, Mapping):
                found = next((held[n] for n in (name, *names) if held.get(n) is not None), None)
            else:
                found = next((getattr(part, n) for n in names if getattr(part, n, None) is not None), None)
            if found is not None and prefix + name in parameters:
                yield prefix + name, found
