"""Objects in the practical's style as targets: forward(x), backward(dout), parameters and gradients kept inside."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from chainrule.check.model.construction import construct_in_sizes, is_known, recall_arguments
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_adapted, list_fixed
from chainrule.check.model.names import (
    LABELS,
    PARAMETERS,
    TARGET_WORDS,
    is_cotangent_name,
    is_held_to,
)
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import SUMMED, Extras, Resized, Target, Variant, generator, other_inputs, quiet
from chainrule.check.model.verdict import Row
from chainrule.check.targets.backward_calls import COTANGENT, RATE, Way, list_ways, take_plain_steps
from chainrule.check.targets.cached_functions import first, list_cotangents
from chainrule.check.targets.kinds import Kind, Made, Namespace, first_of, list_arguments
from chainrule.check.targets.modes import switch_parts, vary, vary_settings
from chainrule.check.targets.object_runs import Run
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.places import (
    Path,
    choose_names,
    is_optimizer_state,
    is_parameter_place,
    list_lengths,
    list_places,
    name_place,
    read,
)
from chainrule.check.targets.pytorch.call import is_module_class
from chainrule.check.targets.remade import Remade, list_constructor_settings, list_grown, settle
from chainrule.check.trial.traps import probe_calls

WHOLE_METHODS = ("calculate", "compute", "cost", "loss", "__call__")
LOSS_WORDS = ("loss", "entropy", "error", "cost", "criterion", "mse", "bce")
COLLECTS = "every forward adds to self.{}, so that what was compared is a backward after a single forward"
AVERAGED = "the loss has an entry for each sample, so their mean was differentiated"


def _count_outputs(thing: Any, result: Any) -> int:
    """Return how many outputs a forward returns, where its backward takes as many cotangents and nothing else."""
    if not isinstance(result, tuple) or len(result) < 2:
        return 1
    takes = [name for name, default in list_arguments(thing.backward).items() if default is ...]
    alike = all(isinstance(Y, np.ndarray) and Y.dtype.kind == "f" for Y in result)
    return len(result) if alike and len(takes) == len(result) and all(map(is_cotangent_name, takes)) else 1


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

    def make_other(other: Any, words: str = "") -> Remade | None:
        settled = _settle(other, inputs)
        own = _read_all(run, settled)
        if own is None or (words and switch_parts(part for _, part in list_parts(settled)) != words):
            return None
        return _make(replace(run, instance=settled), name), own

    def make_target(whole: Any, words: str = "") -> Target:
        make = partial(make_other, words=words)
        return _make(replace(run, instance=whole), name).with_extras(
            settings=lambda given: list_constructor_settings(instance, given, make)
        )

    def vary_modes(given: Arrays) -> Iterator[Variant | str]:
        cold, warm = run.prepare(given), run.prepare(given)
        with quiet():
            call_theirs(lambda: run.forward(warm, given))
        words, _ = (switch_parts(part for _, part in list_parts(whole)) for whole in (cold, warm))
        if words:
            yield from vary(target, given, words, *((make_target(whole, words), given) for whole in (cold, warm)))
        else:
            is_seen = _sees_mode(instance, given)
            yield from vary_settings(target, given, lambda **used: run.forward(run.prepare(given), used), is_seen)

    def resize(resized: Resized) -> tuple[Target, Arrays]:
        other = replace(run, instance=construct_in_sizes(instance, resized))
        return _make(other, name), {n: read(other.instance, path) for n, path in parameters.items()}

    target = make_target(instance)
    return target.with_extras(variants=vary_modes, resize=resize)


def _read_all(run: Run, other: Any) -> Arrays | None:
    """Return the parameters of another object that stand where those of a run do, drawn anew; None where some lack."""
    rng, own = generator(18), dict(list_places(other))
    if any(path not in own for path in run.parameters.values()) or list_lengths(other) != list_lengths(run.instance):
        return None
    return {n: rng.normal(0.3, 1.0, (a := own[p]).shape) / max(a.size, 1) ** 0.25 for n, p in run.parameters.items()}


def _sees_mode(instance: Any, given: Mapping[str, Any]) -> bool:
    """Tell whether backward may know in which mode forward ran: it takes the flag too, or the object keeps it."""
    source, flags = find_source(type(instance)), [name for name, value in given.items() if isinstance(value, bool)]
    takes = list_arguments(instance.backward)
    kept = re.compile(rf"=[^=\n]*\b(?:{'|'.join(map(re.escape, flags))})\b")
    return source is None or not flags or any(flag in takes for flag in flags) or bool(kept.search(source.text))


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

    def probe(dY: Array, given: Arrays) -> Iterator[Row | str]:
        fresh = run.prepare(given)
        run.forward(fresh, given)
        before = copy.deepcopy(fresh)
        run.backward(fresh, given, run.forward(fresh, given), dY)
        if grown := list_grown(before, fresh):
            yield COLLECTS.format(".".join(map(str, grown[0])))
        else:
            yield from probe_calls(backward, run_later, dY, given)

    is_whole = len(list(list_parts(run.instance))) > 1  # whose own dx nobody needs
    # neither places in a table nor a graph have a gradient
    floats = [name for name in run.arrays if run.inputs[name].dtype.kind == "f" and name not in run.graphs]
    source = find_source(type(run.instance))
    fixed = set[str]() if source is None else {*list_fixed(source.text), *list_adapted(source.text)}
    made_with = recall_arguments(run.instance) if is_known(run.instance) else {}
    fixed |= {n for n, a in made_with.items() if isinstance(a, np.ndarray) and _is_given_for_good(n)}
    required = (*(() if is_whole else floats), *(name for name in run.parameters if name not in fixed))
    moves = bool(run.way and RATE in run.way.roles)  # so that a second call starts from other parameters
    extras = Extras(None if moves else run_twice, probe=probe)
    called = "" if run.way is None or run.way.is_plain else f"backward was called with {run.way.describe()}"
    numbers = _list_numbers(run.instance)
    cotangents = list_cotangents(run.instance.backward, run.outputs)
    is_loss = run.way is not None and COTANGENT not in run.way.roles
    if is_loss:
        required = tuple(n for n in required if not (n in floats and is_held_to(n, floats)))
    target = Target(
        name, forward, backward, required, loss=is_loss, source=source, extras=extras, called=called, numbers=numbers
    )
    return replace(target, cotangents=cotangents)


def _is_given_for_good(name: str) -> bool:
    """Tell whether an array that an object is made with is no parameter by its name, but a graph or a kernel."""
    return name.lower().rstrip("0123456789") not in PARAMETERS


def _list_numbers(instance: Any) -> dict[str, float]:
    """Return the settings that an object keeps, by the names under which its methods see them."""
    own = getattr(instance, "__dict__", {})
    return {f"self.{key}": value for key, value in own.items() if type(value) in (float, int)}


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
    numbers = _list_numbers(instance)
    target = Target(name, forward, backward, (x,), (y,), loss=True, source=source, called=called, numbers=numbers)
    return target.with_extras(
        settings=lambda given: list_constructor_settings(
            instance, given, lambda other: (make_loss_instance(other, inputs, name, way, whole), {})
        )
    )


def find_parameters(instance: Any, inputs: Mapping[str, Any]) -> dict[str, Path]:
    """Return the places of an object's parameters by name: arrays of floats, within `params` where there is such.

    What a forward replaces or changes, in either mode, is no parameter, but a cache or a running statistic; nor is what
    is called a gradient.
    """
    tried, runner = copy.deepcopy(instance), Run(instance, inputs, {})
    source = find_source(type(instance))
    text = source.text if source else ""
    places = [
        (path, a)
        for path, a in list_places(tried)
        if is_parameter_place(path) or _is_gain(path, text) or _is_behind_property(tried, path)
    ]
    before = {path: (a, a.copy()) for path, a in choose_names(places)}
    for _ in range(2):
        call_theirs(lambda: runner.forward(tried, {name: other_inputs(inputs[name]) for name in runner.arrays}))
        if not switch_parts(part for _, part in list_parts(tried)):
            break
    kept = [path for path, (a, copied) in before.items() if read(tried, path) is a and np.array_equal(a, copied)]
    alike = {path: [p for p, a in places if a is before[path][0]] for path in kept}
    held = {p[:k] for path in kept for p in alike[path] for k, part in enumerate(p) if part == "params"}
    own = [
        path for path in kept if all(any(map(_is_held(way), alike[path])) for way in held if path[: len(way)] == way)
    ]
    arrays = {path: before[path][1] for path in own}
    return {name_place(path): path for path in own if not is_optimizer_state(path, arrays)}


def _is_gain(path: Path, text: str) -> bool:
    """Tell whether `self.g` is no gradient, but a gain: one whose own gradient is kept as `self.dg`."""
    return path == ("g",) and re.search(r"\bself\.(?:dg|grad_g|g_grad)\b", text) is not None


def _is_behind_property(thing: Any, path: Path) -> bool:
    """Tell whether `self._w` is what a property `w` of the object returns."""
    name = str(path[0])
    return len(path) == 1 and isinstance(inspect.getattr_static(type(thing), name.lstrip("_"), None), property)


def _is_held(owner: Path) -> Callable[[Path], bool]:
    """Tell of a path whether it leads through the `params` of an owner."""
    return lambda path: path[: len(owner)] == owner and path[len(owner)] == "params"


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
    if is_loss and np.size(first(losses)) == 1:  # sums by products with ones leave a matrix of one entry
        yield "", lambda fresh, losses, given: np.asarray(losses).reshape(())
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


def _settle(thing: Any, inputs: Mapping[str, Any]) -> Any:
    """Return the object with what its first forward makes it of."""
    thing = take_plain_steps(thing)
    run = Run(thing, inputs, {}, next(iter(list_ways(thing.backward, list(inputs))), None))
    others = {name: other_inputs(inputs[name]) for name in run.arrays}

    def run_back(fresh: Any) -> None:
        result = run.forward(fresh, inputs)
        run.backward(fresh, inputs, result, np.ones(np.shape(first(result))))

    given = [inputs[name] for name in run.arrays]
    return settle(thing, given, lambda fresh, elsewhere: run.forward(fresh, others if elsewhere else inputs), run_back)


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

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the arguments of the forward by name; of `forward(self, *input)` one, which is all that it reads."""
        named = super().list_arguments(thing)
        if not list_arguments(thing.backward).keys() - {"self"}:  # backward() of a loss that forward(x, y=None) returns
            named = {n: ... if d is None and n.lower() in LABELS else d for n, d in named.items()}
        parameters = [] if named else inspect.signature(thing.forward).parameters.values()
        return named or {p.name: ... for p in parameters if p.kind is p.VAR_POSITIONAL}

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the object in the likeliest way of calling it."""
        made = self.make_all(thing, inputs, name, labels)
        return next(made, None) or first_of(self.make_all(thing, inputs, name), name)

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target of the object, with its parameters, or of the loss, for each way of calling its backward."""
        if labels and find_parameters(thing, inputs):  # a network that ends in its loss
            yield from ObjectKind.make_all(self, thing, inputs, name)  # not that of a kind that gives it labels
        name, thing = name or type(thing).__name__, thing if labels else _settle(thing, inputs)
        parameters = {} if labels else find_parameters(thing, inputs)
        result = call_theirs(lambda: Run(thing, inputs, {}).forward(copy.deepcopy(thing), inputs))
        kept = len(result) - 1 if isinstance(result, tuple) else 0
        arrays = [n for n, value in inputs.items() if hasattr(value, "shape")]
        drawn = {n: read(thing, path) for n, path in parameters.items()}
        if not labels and (outputs := 1 if isinstance(result, Failure) else _count_outputs(thing, result)) > 1:
            yield make_instance(thing, inputs, parameters, name, None, outputs), {**inputs, **drawn}
            return
        is_number = not isinstance(result, Failure) and np.ndim(first(result)) == 0
        is_loss = is_number and not list_arguments(thing.backward)  # of several inputs, none of them labels
        settings = [n for n in inputs if n not in arrays and n in list_arguments(thing.backward)]  # of both methods
        known = [*arrays, *parameters, *settings]
        ways: list[Way | None] = [*list_ways(thing.backward, known, kept, bool(labels) or is_loss)]
        for way in (ways or [None])[: 1 if isinstance(result, Failure) else None]:
            if labels:
                for called, whole in _list_wholes(thing, inputs, result):
                    target = make_loss_instance(thing, inputs, name, way, whole)
                    told = "; ".join(filter(None, (called, target.called)))
                    yield replace(target, called=told), inputs
                continue
            target = make_instance(thing, inputs, parameters, name, way)
            if Run(thing, inputs, parameters, way).gives_parameters_alone():
                target = replace(target, required=tuple(parameters))
            yield target, {**inputs, **drawn}
            if len(arrays) > 2 and is_number:
                # the last input of a loss of several, whether a pair is alike, may have no gradient
                others = tuple(each for each in target.required if each != arrays[-1])
                yield replace(target, required=others), {**inputs, **drawn}


KINDS = (ObjectKind(),)
