"""Gradients that are left in an attribute of tensors: `inp.g = out.g @ w.t()`, in a class or in a function `lin_grad`.

What arrives stands in `out.g` before the backward is called, which takes no cotangent.
"""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import Pair, find_source
from chainrule.check.targets.places import choose_names, list_places, name_place, read, store
from chainrule.check.targets.pytorch.call import is_module_class, to_array, to_tensor
from chainrule.check.targets.styles.function_pairs import find_named_pair

STORED = re.compile(r"\b(?!self\.)[\w.]+\.(g|_grad|gradient|gr|grad_)\s*\+?=(?!=)")
OUTPUTS = {"out", "output", "outp", "y", "res", "result"}
ROWS = 4


def find_attribute(backward: Any) -> str:
    """Return the attribute of tensors in which a backward leaves gradients, "" where it does not."""
    found = STORED.search(read_source(backward))
    return found[1] if found else ""


def _collect(attribute: str, tensors: Mapping[str, Any]) -> Arrays:
    found = {name: getattr(tensor, attribute, None) for name, tensor in tensors.items()}
    return {name: to_array(gradient) for name, gradient in found.items() if gradient is not None}


def _floats(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: to_tensor(np.array(value)) if hasattr(value, "shape") else value for name, value in given.items()}


def make_object(instance: Any, inputs: Mapping[str, Any], name: str, attribute: str) -> tuple[Target, dict[str, Any]]:
    """Return the target of an object that is called and leaves gradients in tensors by backward(); and its inputs."""
    held = {key: np.array(a) for key, a in vars(instance).items() if hasattr(a, "detach")}
    places = {name_place(path): path for path, _ in choose_names(list_places(instance))}
    own = {key: read(instance, path) for key, path in places.items()} | held

    def prepare(given: Mapping[str, Any]) -> tuple[Any, dict[str, Any], dict[str, Any], Any]:
        fresh = copy.deepcopy(instance)
        parameters = _floats({key: given.get(key, a) for key, a in own.items()})
        for key, tensor in parameters.items():
            store(fresh, places.get(key, (key,)), tensor)
        taken = _floats({key: given.get(key, a) for key, a in inputs.items()})
        run = fresh if callable(fresh) else fresh.forward
        return fresh, parameters, taken, run(*taken.values())

    def forward(**given: Any) -> Array:
        return to_array(prepare(given)[3])

    def backward(dY: Array, **given: Any) -> Arrays:
        fresh, parameters, taken, out = prepare(given)
        setattr(out, attribute, to_tensor(dY))
        fresh.backward()
        return _collect(attribute, {**taken, **parameters})

    loss = _is_number(lambda: forward(**inputs))
    floats = [key for key, a in inputs.items() if getattr(a, "dtype", np.dtype(int)).kind == "f"]
    required = (*floats[: 1 if loss else None], *own)
    constants = tuple(floats[1:]) if loss else ()
    target = Target(name, forward, backward, required, constants, loss, find_source(type(instance)))
    return target, {**inputs, **own}


def make_functions(pair: Pair, inputs: Mapping[str, Any], attribute: str) -> Target:
    """Return the target of lin(x, w, b) and lin_grad(inp, out, w, b), which leaves gradients in its arguments."""

    def run(given: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
        taken = _floats(given)
        return taken, first(pair.forward(*taken.values()))

    def backward(dY: Array, **given: Any) -> Arrays:
        taken, out = run(given)
        setattr(out, attribute, to_tensor(dY))
        rest = [key for key in taken if key not in list_arguments(pair.backward)]
        handed = []
        for name in list_arguments(pair.backward):
            is_output = (
                name.lower() in OUTPUTS and name not in taken and len(list_arguments(pair.backward)) > len(taken)
            )
            handed.append(out if is_output else taken[name] if name in taken else taken[rest.pop(0)])
        pair.backward(*handed)
        return _collect(attribute, taken)

    def forward(**given: Any) -> Array:
        return to_array(run(given)[1])

    loss = _is_number(lambda: forward(**inputs))
    names = tuple(inputs)
    required, constants = (names[:1], names[1:]) if loss else (names, ())
    return Target(pair.backward.__name__, forward, backward, required, constants, loss, find_source(pair.forward))


def _is_number(run: Callable[[], Array]) -> bool:
    Y = call_theirs(run)
    return not isinstance(Y, Failure) and np.ndim(Y) == 0


def _list_columns(inputs: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the inputs, and predictions in a column beside targets in a row, as losses of two inputs may take them."""
    yield inputs
    if len(inputs) == 2:
        rng = np.random.default_rng(8)
        yield dict(zip(inputs, (rng.normal(size=(ROWS, 1)), rng.normal(size=ROWS)), strict=True))


class KeptGradientsKind(Kind):
    """An object that is called, whose backward() leaves gradients in tensors."""

    rank = 65
    is_class = True
    starts_constant = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such an object."""
        return not inspect.isclass(thing) and _is_such(type(thing))

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a class."""
        return value if inspect.isclass(value) and _is_such(value) else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the method that names what is called with."""
        own: list[Any] = [getattr(thing, name, None) for name in ("forward", "__call__")]
        named = [e for e in own if inspect.isroutine(e) and list_arguments(e).keys() - {"self"}]
        method: Callable[..., Any] = (named or own)[0]
        return method

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target of the object."""
        for each in _list_columns(inputs):
            yield make_object(thing, each, name or type(thing).__name__, _find_stored(type(thing)))


def _is_such(kind: type) -> bool:
    back = getattr(kind, "backward", None)
    runs = any("__call__" in vars(each) for each in kind.__mro__[:-1]) or callable(getattr(kind, "forward", None))
    if not inspect.isfunction(back) or not runs or is_module_class(kind):
        return False
    return list(list_arguments(back)) == ["self"] and bool(_find_stored(kind))


def _find_stored(kind: type) -> str:
    """Return the attribute in which a backward, or what it calls, leaves gradients: `bwd`, or that of its layers."""
    methods = [v for each in kind.__mro__[:-1] for v in vars(each).values() if inspect.isfunction(v)]
    if found := next(filter(None, map(find_attribute, methods)), ""):
        return found
    file = find_source(kind)
    text = read_source(getattr(kind, "backward", None))
    stored = STORED.search(file.text) if file and ".backward()" in text else None
    return stored[1] if stored else ""


class KeptInFunctionsKind(Kind):
    """A function and one that leaves its gradients in the arguments."""

    rank = 55

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the pair that such a function belongs to by its name."""
        pair = find_named_pair(name, value, file.own) if inspect.isfunction(value) else None
        return pair if pair and find_attribute(value) else None

    def call_it(self, thing: Any, name: str) -> str:
        """Return the name of the forward."""
        called: str = thing.forward.__name__
        return called

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target of the pair."""
        for each in _list_columns(inputs):
            yield make_functions(thing, each, find_attribute(thing.backward)), each


KINDS = (KeptGradientsKind(), KeptInFunctionsKind())
