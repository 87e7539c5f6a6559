"""An object run on copies of itself, and the gradients that its backward returns, stores or steps along, by name."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_adapted, list_unused
from chainrule.check.model.names import (
    GRAPHS,
    INPUT_GRADIENTS,
    KEPT_OUTPUTS,
    PARAMETER_HOLDERS,
    RATES,
    is_gradient_of,
)
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import overwrite, restore
from chainrule.check.targets.backward_calls import RATE, STEP, Way
from chainrule.check.targets.cached_functions import first, join_outputs, split_cotangent
from chainrule.check.targets.kinds import call_by_name, list_arguments
from chainrule.check.targets.pair import find_source, order_by_shape
from chainrule.check.targets.places import Path, find_gradient, flatten, list_places, read, store
from chainrule.errors import UserError


@dataclass(frozen=True, eq=False)
class Run:
    """An object that is run on copies of itself, with one way of calling its backward.

    inputs: what its forward takes.  parameters: the places of its parameters by their names.  outputs: of how many
    its backward takes a cotangent.  beside: what its backward may be handed besides.
    """

    instance: Any
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Path]
    way: Way | None = None
    loss: bool = False
    outputs: int = 1
    beside: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arrays(self) -> tuple[str, ...]:
        """The arguments of forward that are arrays, in their order."""
        return tuple(name for name, value in self.inputs.items() if hasattr(value, "shape"))

    @property
    def graphs(self) -> list[str]:
        """The arrays among them that say who is whose neighbour: square, and called so; they have no gradient."""
        shapes = {name: self.inputs[name].shape for name in self.arrays}
        named = [name for name, shape in shapes.items() if name.lower() in GRAPHS and len(set(shape)) == 1 < len(shape)]
        return [n for n in named if any(other != n and shapes[other][:1] == shapes[n][:1] for other in shapes)]

    def prepare(self, given: Mapping[str, Any]) -> Any:
        """Return a copy of the object with the given parameters."""
        fresh = copy.deepcopy(self.instance)
        for name, path in self.parameters.items():
            if name in given:
                _replace(fresh, path, given[name])
        return fresh

    def forward(self, fresh: Any, given: Mapping[str, Any]) -> Any:
        """Run the forward of an object, and return what it returns."""
        (_, X), *others = restore({name: given.get(name, a) for name, a in self.inputs.items()}, self.inputs).items()
        result = fresh.forward(X, **dict(others))
        return find_kept_output(fresh) if result is None else result

    def backward(self, fresh: Any, given: Mapping[str, Any], result: Any, dY: Array, times: int = 1) -> Arrays:
        """Run the backward behind a forward, once or more, and return the gradients of the last."""
        values = {name: given.get(name, value) for name, value in {**self.inputs, **self.beside}.items()}
        values |= {name: read(fresh, path) for name, path in self.parameters.items()}
        before = {name: np.array(value) for name, value in values.items() if name in self.parameters}
        passed_on = catch_from_first_layer(fresh)
        back = self._call(fresh, values, result, dY if times == 1 else dY.copy())
        for _ in range(times - 1):
            overwrite(first(back))
            back = self._call(fresh, values, result, dY.copy())
        back = passed_on[-1] if back is None and passed_on and not self.parameters else back
        return self.name_gradients(fresh, back, before, values, times)

    def _call(self, fresh: Any, values: Mapping[str, Any], result: Any, dY: Array) -> Any:
        kept = result[1:] if isinstance(result, tuple) else ()
        if self.outputs > 1:
            return fresh.backward(*split_cotangent(dY, result[: self.outputs]))
        if self.way is None:
            return fresh.backward(dY, *kept)
        output = find_kept_output(fresh) if self.loss else None  # of the activation that a loss may hold
        output = first(result) if output is None else output
        handed = self.way.hand(dY, values, output, kept)
        return self.way.collect(handed, call_by_name(fresh.backward, handed))

    def join(self, result: Any) -> Array:
        """Return the output, or the several of which backward takes cotangents, one behind the other."""
        return join_outputs(result, self.outputs)

    def name_gradients(
        self, fresh: Any, back: Any, before: Arrays, values: Mapping[str, Any], times: int = 1
    ) -> Arrays:
        """Return gradients by name: those that backward returns, those that it stores, and steps that it has taken."""
        stored = self._find_stored(fresh)
        stored |= {n: a for n, a in self._find_steps(fresh, before, times).items() if n not in stored}
        named = {**stored, **self._name_returned(back, {**values, **before})}
        count = 1 if self.loss else len(self.arrays)
        for name in self.arrays[:1] if self.loss else self.arrays:
            if name not in named and (kept := _find_input_gradient(fresh, name, count)) is not None:
                named[name] = kept
        return {name: gradient for name, gradient in named.items() if gradient is not None}

    def _find_stored(self, fresh: Any) -> Arrays:
        places = dict(list_places(fresh, numbers=True))
        order: dict[Path, int] = {}
        found = {}
        for name, path in self.parameters.items():
            owner = tuple(part for part in path[:-1] if str(part) not in PARAMETER_HOLDERS)
            order[owner] = order.get(owner, -1) + 1
            held = {each: a for each, a in places.items() if a is not read(fresh, path)}
            gradients = (find_gradient(each, order[owner], held) for each in self._list_paths(path))
            found[name] = next((gradient for gradient in gradients if gradient is not None), None)
        return {name: gradient for name, gradient in found.items() if gradient is not None}

    def _list_paths(self, path: Path) -> list[Path]:
        """Return the paths that lead to a parameter, its own first."""
        own = read(self.instance, path)
        return [path, *(each for each, array in list_places(self.instance) if array is own and each != path)]

    def _find_steps(self, fresh: Any, before: Arrays, times: int) -> Arrays:
        """Return the gradients of parameters that backward has moved against them, by its learning rate."""
        rate = next((STEP for role in self.way.roles if role == RATE), None) if self.way else None
        rate = (
            rate or _find_rate(fresh) or (1.0 if self.loss else None)
        )  # a network may step by its gradients as they are
        after = {name: read(fresh, path) for name, path in self.parameters.items()}
        moved = {n: a for n, a in after.items() if np.shape(a) != before[n].shape or not np.array_equal(a, before[n])}
        source = find_source(type(self.instance)) if moved else None
        adapted = list_adapted(source.text) if source else set()
        moved = {name: a for name, a in moved.items() if name not in adapted}
        if rate is None or any(np.shape(a) != before[name].shape for name, a in moved.items()):
            return {}
        return {name: (before[name] - a) / (rate * times) for name, a in moved.items()}

    def _name_returned(self, back: Any, values: Mapping[str, Any]) -> Arrays:
        if back is None:
            return {}
        if isinstance(back, Mapping):
            return self._name_keys(back)
        given = self.arrays
        returned = list(back) if isinstance(back, tuple | list) else [back]
        are_numbers = len(returned) > 1 and all(isinstance(part, float | int | np.number) for part in returned)
        if are_numbers and len(returned) == np.size(values[given[0]]):
            returned = [np.array(returned)]  # a list of numbers for a list of numbers
        is_nested = any(isinstance(part, tuple | list) for part in returned) or hasattr(back, "_fields")
        if is_nested and len(flatten(returned)) == len(self.parameters):
            drawn = [values[name] for name in self.parameters]
            return dict(zip(self.parameters, order_by_shape(tuple(flatten(returned)), drawn), strict=True))
        tables = [part for part in returned if isinstance(part, Mapping)]
        if tables:
            returned = [part for part in returned if not isinstance(part, Mapping)]
            return {**dict(zip(given, returned, strict=False)), **self._name_keys(tables[0])}
        if len(returned) > len(given) and len(returned) == len(given) + len(self.parameters):
            return self._match(values, returned)
        if self.loss and len(returned) == len(self.parameters) > len(given):
            drawn = [values[name] for name in self.parameters]
            return dict(zip(self.parameters, order_by_shape(tuple(returned), drawn), strict=True))
        if len(returned) > len(given):
            if self.loss:
                returned = returned[: len(given)]
            else:
                raise UserError(f"backward returns {len(returned)} gradients where forward takes {', '.join(given)}")
        own = [name for name in given if name not in self.graphs] if len(returned) < len(given) else given
        return dict(zip(own, returned, strict=False))

    def _name_keys(self, table: Mapping[Any, Any]) -> Arrays:
        """Return gradients by the names that the keys of a dictionary say they belong to; a list has one of each."""
        lists = {key: each for key, each in table.items() if isinstance(each, list | tuple)}
        flat = {**table, **{f"{key}.{k}": part for key, each in lists.items() for k, part in enumerate(each)}}
        named = {}
        for name in (*self.arrays, *self.parameters):
            own = name if name.rpartition(".")[2].isdigit() else name.rpartition(".")[2]
            key = next((k for k in flat if str(k) == own), None)
            key = key if key is not None else next((k for k in flat if is_gradient_of(str(k), own)), None)
            if key is not None and not isinstance(flat[key], Mapping):
                named[name] = flat[key]
        return named

    def _match(self, values: Mapping[str, Any], gradients: Sequence[Any]) -> Arrays:
        """Return gradients of inputs and parameters that come in a tuple: in this order, or else as shapes fit."""
        names = [*self.arrays, *self.parameters]
        shapes = [np.shape(values[name]) for name in names]
        for turned in (gradients, [*gradients[len(self.parameters) :], *gradients[: len(self.parameters)]]):
            if [np.shape(gradient) for gradient in turned] == shapes:
                return dict(zip(names, turned, strict=True))
        return dict(zip(names, order_by_shape(tuple(gradients), [values[name] for name in names]), strict=True))

    def gives_parameters_alone(self) -> bool:
        """Tell whether backward is for the gradients of all parameters alone.

        It returns a table or lists of them, as that of a whole network may; or it leaves them in the object and returns
        nothing, as a first layer's may; what it computes and never uses would be a gradient that it forgets to return.
        """
        fresh = self.prepare({})
        result = call_theirs(lambda: self.forward(fresh, {}))
        if isinstance(result, Failure):
            return False
        values = {**self.inputs, **{name: read(fresh, path) for name, path in self.parameters.items()}}
        before = {name: np.array(values[name]) for name in self.parameters}
        back = call_theirs(lambda: self._call(fresh, values, result, np.ones(np.shape(first(result)))))
        if back is None and self.parameters and not list_unused(self.instance.backward):
            return set(self.name_gradients(fresh, None, before, values)) == set(self.parameters)
        if isinstance(back, tuple | list) and all(isinstance(part, tuple | list) for part in back):
            return bool(self.parameters) and len(flatten(back)) == len(self.parameters)
        return isinstance(back, Mapping) and set(self._name_keys(back)) == set(self.parameters)


def find_kept_output(thing: Any) -> Any:
    """Return the output that a forward leaves in its object, as in self.output; None where there is none."""
    own = getattr(thing, "__dict__", {})
    return next((own[name] for name in KEPT_OUTPUTS if isinstance(own.get(name), np.ndarray)), None)


def catch_from_first_layer(thing: Any) -> list[Any]:
    """Return a list to which the first of the layers in a list of an object adds what its backward returns.

    So a container that runs its layers backward may return nothing itself.
    """
    caught = list[Any]()
    held = [each[0] for each in getattr(thing, "__dict__", {}).values() if isinstance(each, list) and each]
    layers = [each for each in held if callable(getattr(each, "backward", None)) and hasattr(each, "__dict__")]
    own = layers[0].backward if layers else None

    def backward(*given: Any, **named: Any) -> Any:
        caught.append(own(*given, **named))  # type: ignore[misc]
        return caught[-1]

    for layer in layers[:1]:
        vars(layer)["backward"] = backward
    return caught


def _find_rate(thing: Any) -> float | None:
    """Return the learning rate that an object keeps, or that its backward has as a default, where there is one."""
    own = {**list_arguments(thing.backward), **getattr(thing, "__dict__", {})}
    rates = [value for name, value in own.items() if name.lower() in RATES and isinstance(value, int | float)]
    return float(rates[0]) if rates and rates[0] else None


def _find_input_gradient(fresh: Any, name: str, count: int) -> Any:
    """Return the gradient of an input that backward stores in the object itself, as in self.dinputs."""
    own = {key: value for key, value in getattr(fresh, "__dict__", {}).items() if isinstance(value, np.ndarray)}
    named = [value for key, value in own.items() if is_gradient_of(key, name)]
    general = [value for key, value in own.items() if count == 1 and key.lower().replace("_", "") in INPUT_GRADIENTS]
    return next(iter([*named, *general]), None)


def _replace(fresh: Any, path: Path, value: Array) -> None:
    """Put a parameter in its place, and wherever else the object holds the same array."""
    old = read(fresh, path)
    for place in [place for place, array in list_places(fresh) if array is old]:
        store(fresh, place, value)
    store(fresh, path, value)
