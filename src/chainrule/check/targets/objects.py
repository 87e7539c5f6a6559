"""Objects in the practical's style as targets: forward(x), backward(dout), parameters and gradients kept inside."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.names import (
    INPUT_GRADIENTS,
    KEPT_OUTPUTS,
    PARAMETER_HOLDERS,
    RATES,
    TARGET_WORDS,
    is_cotangent_name,
    is_gradient_of,
)
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import SUMMED, Extras, Target, Variant, other_inputs, overwrite, quiet, restore
from chainrule.check.model.verdict import Row
from chainrule.check.targets.backward_calls import RATE, STEP, Way, list_ways
from chainrule.check.targets.cached_functions import first, join_outputs, split_cotangent
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.modes import switch_parts, vary, vary_settings
from chainrule.check.targets.pair import find_source, order_by_shape
from chainrule.check.targets.places import (
    Path,
    find_gradient,
    is_parameter_place,
    list_places,
    name_place,
    read,
    store,
)
from chainrule.check.targets.pytorch.call import is_module_class
from chainrule.check.targets.remade import list_constructor_settings
from chainrule.check.trial.traps import probe_calls
from chainrule.errors import UserError

WHOLE_METHODS = ("calculate", "compute", "cost", "loss", "__call__")
LOSS_WORDS = ("loss", "entropy", "error", "cost", "criterion", "mse", "bce")
AVERAGED = "the loss has an entry for each sample, so their mean was differentiated"


@dataclass(frozen=True, eq=False)
class Run:
    """An object that is run on copies of itself, with one way of calling its backward.

    inputs: what its forward takes.  parameters: the places of its parameters by their names.  outputs: of how many
    its backward takes a cotangent.
    """

    instance: Any
    inputs: Mapping[str, Any]
    parameters: Mapping[str, Path]
    way: Way | None = None
    loss: bool = False
    outputs: int = 1

    @property
    def arrays(self) -> tuple[str, ...]:
        """The arguments of forward that are arrays, in their order."""
        return tuple(name for name, value in self.inputs.items() if hasattr(value, "shape"))

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
        values = {name: given.get(name, value) for name, value in self.inputs.items()}
        values |= {name: read(fresh, path) for name, path in self.parameters.items()}
        before = {name: np.array(value) for name, value in values.items() if name in self.parameters}
        back = self._call(fresh, values, result, dY)
        for _ in range(times - 1):
            overwrite(first(back))
            back = self._call(fresh, values, result, dY)
        return self.name_gradients(fresh, back, before, values, times)

    def _call(self, fresh: Any, values: Mapping[str, Any], result: Any, dY: Array) -> Any:
        kept = result[1:] if isinstance(result, tuple) else ()
        if self.outputs > 1:
            return fresh.backward(*split_cotangent(dY.copy(), result[: self.outputs]))
        if self.way is None:
            return fresh.backward(dY.copy(), *kept)
        output = find_kept_output(fresh) if self.loss else None  # of the activation that a loss may hold
        output = first(result) if output is None else output
        return fresh.backward(**self.way.hand(dY.copy(), values, output, kept))

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
            found[name] = find_gradient(path, order[owner], places)
        return {name: gradient for name, gradient in found.items() if gradient is not None}

    def _find_steps(self, fresh: Any, before: Arrays, times: int) -> Arrays:
        """Return the gradients of parameters that backward has moved against them, by its learning rate."""
        rate = next((STEP for role in self.way.roles if role == RATE), None) if self.way else None
        rate = rate or _find_rate(fresh)
        after = {name: read(fresh, path) for name, path in self.parameters.items()}
        moved = {n: a for n, a in after.items() if np.shape(a) != before[n].shape or not np.array_equal(a, before[n])}
        if rate is None or any(np.shape(a) != before[name].shape for name, a in moved.items()):
            return {}
        return {name: (before[name] - a) / (rate * times) for name, a in moved.items()}

    def _name_returned(self, back: Any, values: Mapping[str, Any]) -> Arrays:
        if back is None:
            return {}
        if isinstance(back, Mapping):
            return self._name_keys(back)
        returned = list(back) if isinstance(back, tuple | list) else [back]
        given = self.arrays
        tables = [part for part in returned if isinstance(part, Mapping)]
        if tables:
            returned = [part for part in returned if not isinstance(part, Mapping)]
            return {**dict(zip(given, returned, strict=False)), **self._name_keys(tables[0])}
        if len(returned) > len(given) and len(returned) == len(given) + len(self.parameters):
            return self._match(values, returned)
        if len(returned) > len(given):
            if self.loss:
                returned = returned[: len(given)]
            else:
                raise UserError(f"backward returns {len(returned)} gradients where forward takes {', '.join(given)}")
        return dict(zip(given, returned, strict=False))

    def _name_keys(self, table: Mapping[Any, Any]) -> Arrays:
        """Return gradients by the names that the keys of a dictionary say they belong to."""
        named = {}
        for name in (*self.arrays, *self.parameters):
            own = name.rpartition(".")[2]
            key = next((k for k in table if str(k) == own), None)
            key = key if key is not None else next((k for k in table if is_gradient_of(str(k), own)), None)
            if key is not None and not isinstance(table[key], Mapping):
                named[name] = table[key]
        return named

    def _match(self, values: Mapping[str, Any], gradients: Sequence[Any]) -> Arrays:
        """Return gradients of inputs and parameters that come in a tuple: in this order, or else as shapes fit."""
        names = [*self.arrays, *self.parameters]
        shapes = [np.shape(values[name]) for name in names]
        for turned in (gradients, [*gradients[len(self.parameters) :], *gradients[: len(self.parameters)]]):
            if [np.shape(gradient) for gradient in turned] == shapes:
                return dict(zip(names, turned, strict=True))
        return dict(zip(names, order_by_shape(tuple(gradients), [values[name] for name in names]), strict=True))


def find_kept_output(thing: Any) -> Any:
    """Return the output that a forward leaves in its object, as in self.output; None where there is none."""
    own = getattr(thing, "__dict__", {})
    return next((own[name] for name in KEPT_OUTPUTS if isinstance(own.get(name), np.ndarray)), None)


def _count_outputs(thing: Any, result: Any) -> int:
    """Return how many outputs a forward returns, where its backward takes as many cotangents and nothing else."""
    if not isinstance(result, tuple) or len(result) < 2:
        return 1
    takes = [name for name, default in list_arguments(thing.backward).items() if default is ...]
    alike = all(isinstance(Y, np.ndarray) and Y.ndim == result[0].ndim for Y in result)
    return len(result) if alike and len(takes) == len(result) and all(map(is_cotangent_name, takes)) else 1


def _returns_parameters_alone(run: Run) -> bool:
    """Tell whether backward returns a table of all parameters' gradients, as that of a whole network may."""
    fresh = run.prepare({})
    result = call_theirs(lambda: run.forward(fresh, {}))
    if isinstance(result, Failure):
        return False
    values = {**run.inputs, **{name: read(fresh, path) for name, path in run.parameters.items()}}
    back = call_theirs(lambda: run._call(fresh, values, result, np.ones(np.shape(first(result)))))
    return isinstance(back, Mapping) and set(run._name_keys(back)) == set(run.parameters)


def _find_rate(thing: Any) -> float | None:
    """Return the learning rate that an object keeps, where it keeps one."""
    own = getattr(thing, "__dict__", {})
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
    for place, array in _list_all(fresh):
        if array is old:
            store(fresh, place, value)
    store(fresh, path, value)


def _list_all(fresh: Any) -> list[tuple[Path, Array]]:
    return [((key,), value) for key, value in getattr(fresh, "__dict__", {}).items() if isinstance(value, np.ndarray)]


def make_instance(
    instance: Any,
    inputs: Mapping[str, Any],
    parameters: Mapping[str, Path],
    name: str,
    way: Way | None = None,
    outputs: int = 1,
) -> Target:
    """Return the target of an object with forward(x) and backward(dout), each call on a copy of it.

    Parameters and their gradients stand wherever `places.py` finds them, in the object or in those that it is made of;
    or backward returns their gradients, or moves the parameters against them by a learning rate. A forward may take
    several arrays, and settings. In the other mode, training or evaluation, it is a variant.
    """
    run = Run(instance, inputs, parameters, way, outputs=outputs)
    target = _make(run, name)

    def vary_modes(given: Arrays) -> Iterator[Variant | str]:
        cold, warm = run.prepare(given), run.prepare(given)
        with quiet():
            call_theirs(lambda: run.forward(warm, given))
        words, _ = (switch_parts(part for _, part in list_parts(whole)) for whole in (cold, warm))
        if words:
            others = [(_make(replace(run, instance=whole), name), given) for whole in (cold, warm)]
            yield from vary(target, given, words, others[0], others[1])
        else:
            yield from vary_settings(target, given, lambda **used: run.forward(run.prepare(given), used))

    return target.with_extras(
        variants=vary_modes,
        settings=lambda given: list_constructor_settings(
            instance, given, lambda other: _make(replace(run, instance=other), name), lambda other: _has_all(run, other)
        ),
    )


def _has_all(run: Run, other: Any) -> bool:
    """Tell whether another object has all parameters of a run's, in their shapes."""
    return all(np.shape(read(other, p)) == np.shape(read(run.instance, p)) for p in run.parameters.values())


def _make(run: Run, name: str) -> Target:
    def forward(**given: Array) -> Array:
        return run.join(run.forward(run.prepare(given), given))

    def backward(dY: Array, **given: Array) -> Arrays:
        fresh = run.prepare(given)
        return run.backward(fresh, given, run.forward(fresh, given), dY)

    def run_twice(dY: Array, **given: Array) -> Arrays:
        fresh = run.prepare(given)
        return run.backward(fresh, given, run.forward(fresh, given), dY, times=2)

    def run_later(dY: Array, **given: Array) -> Arrays:
        fresh, drawing = run.prepare(given), run.prepare(given)
        if not np.array_equal(first(run.forward(drawing, given)), first(run.forward(drawing, given))):
            return {}  # it draws a mask at each forward, so that no two are the same
        run.forward(fresh, {**given, **{name: other_inputs(given[name]) for name in run.arrays}})
        return run.backward(fresh, given, run.forward(fresh, given), dY)

    def probe(dY: Array, given: Arrays) -> Iterator[Row]:
        yield from probe_calls(backward, run_later, dY, given)

    is_whole = len(list(list_parts(run.instance))) > 1  # whose own dx nobody needs
    floats = [name for name in run.arrays if run.inputs[name].dtype.kind == "f"]  # places in a table have no gradient
    required = (*(() if is_whole else floats), *run.parameters)
    moves = bool(run.way and RATE in run.way.roles)  # so that a second call starts from other parameters
    source, extras = find_source(type(run.instance)), Extras(None if moves else run_twice, probe=probe)
    called = "" if run.way is None or run.way.is_plain else f"backward was called with {run.way.describe()}"
    own = getattr(run.instance, "__dict__", {})
    numbers = {f"self.{key}": value for key, value in own.items() if isinstance(value, float)}
    return Target(name, forward, backward, required, source=source, extras=extras, called=called, numbers=numbers)


Whole = Callable[[Any, Array, Mapping[str, Any]], Array]


def make_loss_instance(
    instance: Any, inputs: Mapping[str, Any], name: str, way: Way | None = None, whole: Whole | None = None
) -> Target:
    """Return the target of an object with forward(x, y) -> loss and backward, however called, -> dx.

    whole(object, losses, inputs) returns one number of the losses of the samples.
    """
    x, y = inputs
    run = Run(instance, inputs, {}, way, loss=True)

    def forward(**given: Array) -> Array:
        fresh = run.prepare(given)
        loss = first(run.forward(fresh, given))
        return np.asarray(whole(fresh, loss, given) if whole else loss)

    def backward(dY: Array, **given: Array) -> Arrays:
        fresh = run.prepare(given)
        found = run.backward(fresh, given, run.forward(fresh, given), dY)
        return {x: found[x]} if x in found else {}

    source = find_source(type(instance))
    plain = way is None or all(name in role for name, role in zip(way.names, way.roles, strict=True))
    called = "" if plain or way is None else f"backward was called with {way.describe()}"
    return Target(name, forward, backward, (x,), (y,), loss=True, source=source, called=called)


def find_parameters(instance: Any, inputs: Mapping[str, Any]) -> dict[str, Path]:
    """Return the places of an object's parameters by name: arrays of floats, within `params` where there is such.

    What a forward replaces or changes, in either mode, is no parameter, but a cache or a running statistic; nor is what
    is called a gradient.
    """
    tried, runner = copy.deepcopy(instance), Run(instance, inputs, {})
    before = {path: (a, a.copy()) for path, a in list_places(tried) if is_parameter_place(path)}
    for _ in range(2):
        call_theirs(lambda: runner.forward(tried, {name: other_inputs(inputs[name]) for name in runner.arrays}))
        if not switch_parts(part for _, part in list_parts(tried)):
            break
    kept = [path for path, (a, copied) in before.items() if read(tried, path) is a and np.array_equal(a, copied)]
    held = {path[:k] for path in kept for k, part in enumerate(path) if part == "params"}
    own = [path for path in kept if not any(path[: len(way)] == way and path[len(way)] != "params" for way in held)]
    return {name_place(path): path for path in own}


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


def _list_wholes(thing: Any, inputs: Mapping[str, Any], losses: Any) -> Iterator[tuple[str, Whole | None]]:
    """Yield how the losses of samples become one number: by the object's own method, or as their sum or mean."""
    is_loss = any(word in f"{type(thing).__name__} {' '.join(inputs)}".lower() for word in (*LOSS_WORDS, *TARGET_WORDS))
    if isinstance(losses, Failure) or np.ndim(first(losses)) == 0:
        yield "", None
        return
    if not is_loss or np.ndim(first(losses)) > 1:
        return  # its second input has a gradient too
    for method in WHOLE_METHODS:

        def calculate(fresh: Any, losses: Array, given: Mapping[str, Any], method: str = method) -> Array:
            return first(getattr(fresh, method)(*(given[name] for name in inputs)))

        number = call_theirs(lambda calculate=calculate: calculate(copy.deepcopy(thing), losses, inputs))  # type: ignore[misc]
        if not isinstance(number, Failure) and np.ndim(number) == 0:
            yield "", calculate
            return
    yield SUMMED, lambda fresh, losses, given: np.asarray(np.sum(losses))
    yield AVERAGED, lambda fresh, losses, given: np.asarray(np.mean(losses))


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
        """Return the target of the object in the likeliest way of calling it."""
        made = self.make_all(thing, inputs, name, labels)
        return next(made, None) or next(self.make_all(thing, inputs, name))

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target of the object, with its parameters, or of the loss, for each way of calling its backward."""
        name = name or type(thing).__name__
        parameters = {} if labels else find_parameters(thing, inputs)
        result = call_theirs(lambda: Run(thing, inputs, {}).forward(copy.deepcopy(thing), inputs))
        kept = len(result) - 1 if isinstance(result, tuple) else 0
        arrays = [n for n, value in inputs.items() if hasattr(value, "shape")]
        drawn = {n: read(thing, path) for n, path in parameters.items()}
        if not labels and (outputs := 1 if isinstance(result, Failure) else _count_outputs(thing, result)) > 1:
            yield make_instance(thing, inputs, parameters, name, None, outputs), {**inputs, **drawn}
            return
        ways: list[Way | None] = [*list_ways(thing.backward, [*arrays, *parameters], kept, bool(labels))]
        for way in ways[:1] if isinstance(result, Failure) else ways or [None]:
            if labels:
                for called, whole in _list_wholes(thing, inputs, result):
                    target = make_loss_instance(thing, inputs, name, way, whole)
                    told = "; ".join(filter(None, (called, target.called)))
                    yield replace(target, called=told), inputs
                continue
            target = make_instance(thing, inputs, parameters, name, way)
            if _returns_parameters_alone(Run(thing, inputs, parameters, way)):
                target = replace(target, required=tuple(parameters))
            yield target, {**inputs, **drawn}


KINDS = (ObjectKind(),)
