"""Objects in the practical's style as targets: forward(x), backward(dout), parameters and gradients kept inside."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.check.model.failure import call_theirs
from chainrule.check.model.names import GRADIENTS, is_parameter_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Extras, Target, Variant, other_inputs, overwrite, quiet, restore
from chainrule.check.model.verdict import Row
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace
from chainrule.check.targets.modes import switch_parts, vary, vary_settings
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.pytorch.call import is_module_class
from chainrule.check.trial.traps import probe_calls
from chainrule.errors import UserError


@dataclass(frozen=True, eq=False)
class Run:
    """An object that is run on copies of itself: what its forward takes, and the names of its parameters."""

    instance: Any
    inputs: Mapping[str, Any]
    parameters: tuple[str, ...]

    @property
    def arrays(self) -> tuple[str, ...]:
        """The arguments of forward that are arrays, in their order."""
        return tuple(name for name, value in self.inputs.items() if hasattr(value, "shape"))

    def prepare(self, given: Mapping[str, Any]) -> Any:
        """Return a copy of the object with the given parameters."""
        fresh = copy.deepcopy(self.instance)
        for prefix, part in list_parts(fresh):
            for parameter in _list_own(part):
                if prefix + parameter in self.parameters:
                    _store(part, parameter, given[prefix + parameter])
        return fresh

    def forward(self, fresh: Any, given: Mapping[str, Any]) -> Any:
        """Run the forward of an object, and return what it returns."""
        (_, X), *others = restore({name: given.get(name, a) for name, a in self.inputs.items()}, self.inputs).items()
        return fresh.forward(X, **dict(others))

    def backward(self, fresh: Any, result: Any, dY: Array, times: int = 1) -> Arrays:
        """Run the backward behind a forward, once or more, and return the gradients of the last."""
        cache = result[1:] if isinstance(result, tuple) else ()
        back = fresh.backward(dY.copy(), *cache)
        for _ in range(times - 1):
            overwrite(first(back))
            back = fresh.backward(dY.copy(), *cache)
        return self.name_gradients(fresh, back)

    def name_gradients(self, fresh: Any, back: Any) -> Arrays:
        """Return gradients by name: those that backward returns, and those that it stores."""
        returned = list(back) if isinstance(back, tuple | list) else [back]
        given, stored = self.arrays, dict(_gradients(fresh, self.parameters))
        behind = returned[len(given) :]
        if behind and isinstance(behind[0], Mapping):
            stored, returned = dict(behind[0]), returned[: len(given)]
        elif behind and len(behind) == len(self.parameters):
            stored, returned = self._match(fresh, behind), returned[: len(given)]
        if len(returned) > len(given):
            raise UserError(f"backward returns {len(returned)} gradients where forward takes {', '.join(given)}")
        named = {**dict(zip(given, returned, strict=False)), **stored}
        return {name: gradient for name, gradient in named.items() if gradient is not None}

    def _match(self, fresh: Any, gradients: Sequence[Any]) -> Arrays:
        """Return gradients that come in a tuple by the names of the parameters: in their order, or as shapes fit."""
        own = {prefix + n: a for prefix, part in list_parts(fresh) for n, a in _list_own(part).items()}
        shapes = [np.shape(own[name]) for name in self.parameters]
        found = [np.shape(gradient) for gradient in gradients]
        if found != shapes and sorted(found) == sorted(shapes) and len(set(shapes)) == len(shapes):
            gradients = [gradients[found.index(shape)] for shape in shapes]
        return dict(zip(self.parameters, gradients, strict=True))


def make_instance(instance: Any, inputs: Mapping[str, Any], parameters: tuple[str, ...], name: str) -> Target:
    """Return the target of an object with forward(x) and backward(dout), each call on a copy of it.

    Parameters stand in a dictionary `params` with gradients in `grads`, or in attributes (W with its gradient in dW,
    grad_W, W_grad or d_W), in the object or in those that it is made of; or backward returns their gradients behind dx.
    A forward may take several arrays, and settings. In the other mode, training or evaluation, it is a variant.
    """
    run = Run(instance, inputs, parameters)
    target = _make(run, name)

    def vary_modes(given: Arrays) -> Iterator[Variant | str]:
        cold, warm = run.prepare(given), run.prepare(given)
        with quiet():
            call_theirs(lambda: run.forward(warm, given))
        words, _ = (switch_parts(part for _, part in list_parts(whole)) for whole in (cold, warm))
        if words:
            others = [(_make(Run(whole, inputs, run.parameters), name), given) for whole in (cold, warm)]
            yield from vary(target, given, words, others[0], others[1])
        else:
            yield from vary_settings(target, given, lambda **used: run.forward(run.prepare(given), used))

    return target.with_extras(variants=vary_modes)


def _make(run: Run, name: str) -> Target:
    def forward(**given: Array) -> Array:
        return first(run.forward(run.prepare(given), given))

    def backward(dY: Array, **given: Array) -> Arrays:
        fresh = run.prepare(given)
        return run.backward(fresh, run.forward(fresh, given), dY)

    def run_twice(dY: Array, **given: Array) -> Arrays:
        fresh = run.prepare(given)
        return run.backward(fresh, run.forward(fresh, given), dY, times=2)

    def run_later(dY: Array, **given: Array) -> Arrays:
        fresh, drawing = run.prepare(given), run.prepare(given)
        if not np.array_equal(first(run.forward(drawing, given)), first(run.forward(drawing, given))):
            return {}  # it draws a mask at each forward, so that no two are the same
        run.forward(fresh, {**given, **{name: other_inputs(given[name]) for name in run.arrays}})
        return run.backward(fresh, run.forward(fresh, given), dY)

    def probe(dY: Array, given: Arrays) -> Iterator[Row]:
        yield from probe_calls(backward, run_later, dY, given)

    is_whole = len(list(list_parts(run.instance))) > 1  # whose own dx nobody needs
    required = (*(() if is_whole else run.arrays), *run.parameters)
    source, extras = find_source(type(run.instance)), Extras(run_twice, probe=probe)
    return Target(name, forward, backward, required, source=source, extras=extras)


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


def list_parameters(instance: Any, inputs: Mapping[str, Any]) -> dict[str, Array]:
    """Return the parameters of an object by name: those in `params`, else the attributes that are arrays of floats.

    What a forward replaces or changes, in either mode, is no parameter, but a cache or a running statistic.
    """
    tried, runner = copy.deepcopy(instance), Run(instance, inputs, ())
    before = {prefix + n: (a, a.copy()) for prefix, part in list_parts(tried) for n, a in _list_own(part).items()}
    for _ in range(2):
        call_theirs(lambda: runner.forward(tried, {name: other_inputs(inputs[name]) for name in runner.arrays}))
        if not switch_parts(part for _, part in list_parts(tried)):
            break
    after = {prefix + n: a for prefix, part in list_parts(tried) for n, a in _list_own(part).items()}
    return {n: a for n, (a, copied) in before.items() if after.get(n) is a and np.array_equal(a, copied)}


def list_parts(instance: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the object and those that it is made of, each with the prefix of its parameters' names."""
    yield prefix, instance
    for name, value in getattr(instance, "__dict__", {}).items():
        for key, part in _list_members(value):
            if callable(getattr(part, "forward", None)) and callable(getattr(part, "backward", None)):
                yield from list_parts(part, f"{prefix}{name}.{key}")


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
    return {n: a for n, a in floats.items() if is_parameter_name(n)}


def _store(instance: Any, name: str, value: Array) -> None:
    if isinstance(getattr(instance, "params", None), Mapping):
        instance.params[name] = value
    else:
        setattr(instance, name, value)


def _gradients(instance: Any, parameters: tuple[str, ...]) -> Iterator[tuple[str, Array]]:
    for prefix, part in list_parts(instance):
        held = getattr(part, "grads", None)
        for name in _list_own(part):
            names = [form.format(name) for form in GRADIENTS]
            if isinstance(held, Mapping):
                found = next((held[n] for n in (name, *names) if held.get(n) is not None), None)
            else:
                found = next((getattr(part, n) for n in names if getattr(part, n, None) is not None), None)
            if found is not None and prefix + name in parameters:
                yield prefix + name, found


class ObjectKind(Kind):
    """Any object with forward(x) and backward(dout), or a loss with forward(x, y) and backward(x, y)."""

    rank = 90
    is_class = True
    starts_constant = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing has both."""
        return all(callable(getattr(thing, name, None)) for name in ("forward", "backward"))

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class with both, of which objects can be made; PyTorch's modules are a kind of their own."""
        found = inspect.isclass(value) and self.recognize(value) and not inspect.isabstract(value)
        return value if found and not is_module_class(value) else None

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the object, with its parameters, or of the loss."""
        name = name or type(thing).__name__
        if labels:
            return make_loss_instance(thing, inputs, name), inputs
        parameters = list_parameters(thing, inputs)
        return make_instance(thing, inputs, tuple(parameters), name), {**inputs, **parameters}


KINDS = (ObjectKind(),)
