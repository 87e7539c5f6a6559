"""Whole networks as objects whose backward returns lists of gradients: backprop(x, y) -> (nabla_b, nabla_w).

The cost is the object's own, where it has one, else the one of the usual that explains the gradients best.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.model.directions import BACKWARD_METHODS, FORWARD_METHODS, choose_method
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.names import is_target_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.places import (
    Path,
    choose_names,
    flatten,
    have_same_shapes,
    is_optimizer_state,
    is_parameter_place,
    list_places,
    name_place,
    store,
)
from chainrule.check.targets.remade import Remade, list_constructor_settings
from chainrule.check.targets.styles.networks.costs import COSTS, Loss, list_own_losses
from chainrule.check.trial.evidence import weigh
from chainrule.errors import UserError

SAMPLES = 4
NO_COST = "the object has no cost, so {} was differentiated"
GRADIENTS = ("gradients", "compute_gradients", "compute_grads", "get_gradients", "calculate_gradients", "grads")
FORWARDS = (*FORWARD_METHODS[:12], "predict", "run", "__call__")


def find_methods(kind: type) -> tuple[str, str] | None:
    """Return the names of forward and backward of a class whose backward takes x and y."""
    own = [name for name in dir(kind) if inspect.isfunction(getattr(kind, name, None))]
    forward = choose_method(FORWARDS, own)
    backward = choose_method(BACKWARD_METHODS, own) or choose_method(GRADIENTS, own)
    if not forward or not backward:
        return None
    takes = [n for n, d in list_arguments(getattr(kind, backward)).items() if d is ... and n != "self"]
    given = [n for n, d in list_arguments(getattr(kind, forward)).items() if d is ... and n != "self"]
    two = len(takes) == 2 and is_target_name(takes[1]) and not is_target_name(takes[0]) and len(given) == 1
    return (forward, backward) if two else None


def match_places(instance: Any, found: Sequence[Array]) -> list[Path] | None:
    """Return the places of the parameters to which arrays belong, list for list by their shapes; None if unclear.

    Where fewer than half have a shape that no parameter has, they belong to those that are left, in order.
    """
    arrays = {path: array for path, array in choose_names(list_places(instance)) if is_parameter_place(path)}
    places = [(path, array.shape) for path, array in arrays.items() if not is_optimizer_state(path, arrays)]
    matched: list[Path | None] = []
    for gradient in found:
        matched.append(next((p for p, shape in places if shape == gradient.shape and p not in matched), None))
    left = iter([path for path, _ in places if path not in matched])
    if len(matched) != len(places) or 2 * matched.count(None) >= len(matched):
        return None
    return [path or next(left) for path in matched]


def make_network(
    instance: Any,
    methods: tuple[str, str],
    places: Mapping[str, Path],
    cost: Loss,
    name: str,
    data: Mapping[str, Array],
) -> Target:
    """Return the target of a network with this cost, whose inputs are its parameters, and x and y but for `data`."""

    def prepare(given: Mapping[str, Any]) -> Any:
        fresh = copy.deepcopy(instance)
        for own, path in places.items():
            store(fresh, path, given[own])
        return fresh

    def forward(**given: Any) -> Array:
        given = {**data, **given}
        fresh = prepare(given)
        a = first(getattr(fresh, methods[0])(given["x"]))
        return np.asarray(np.squeeze(cost.value(fresh, given["x"], a, given["y"])))

    def backward(dY: Array, **given: Any) -> Arrays:
        fresh, given = prepare(given), {**data, **given}
        getattr(fresh, methods[0])(given["x"])
        return dict(zip(places, flatten(getattr(fresh, methods[1])(given["x"], given["y"])), strict=False))

    source, told = find_source(type(instance)), "" if cost.name else NO_COST.format(cost.words)
    made = Target(name, forward, backward, tuple(places), () if data else ("x", "y"), True, source, called=told)

    def make_other(other: Any) -> Remade | None:
        is_like = have_same_shapes(instance, other, places.values())
        return (make_network(other, methods, places, cost, name, data), {}) if is_like else None

    return made.with_extras(settings=lambda given: list_constructor_settings(instance, given, make_other))


class NetworkObjectKind(Kind):
    """A network whose backward takes x and y and returns lists of gradients."""

    rank = 72
    is_class = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a network, and not one of the other objects that are held to a target."""
        if inspect.isclass(thing) or hasattr(type(thing), "held_to"):
            return False
        return find_methods(type(thing)) is not None and self._try(thing) is not None

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class of such networks, by its text: what it returns are two names."""
        methods = find_methods(value) if inspect.isclass(value) else None
        if methods is None or _takes_target(value, methods[0]):
            return None
        text = read_source(getattr(value, methods[1]))
        return value if "nabla" in text or _returns_lists(text) else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return a function without arguments: the inputs are made here."""
        return lambda: thing

    def _try(self, thing: Any) -> tuple[Array, Array, list[Path]] | None:
        """Return x, y and the places of the gradients, where a way of giving them runs."""
        methods = find_methods(type(thing))
        sizes = sorted({n for _, array in list_places(thing) for n in array.shape}, reverse=True)
        for n in sizes if methods else ():
            for shape in ((SAMPLES, n), (n, SAMPLES), (n, 1), (n,)):
                rng = generator(0, 6)
                x = rng.normal(0.2, 1.0, shape)
                a = call_theirs(lambda x=x: first(getattr(copy.deepcopy(thing), methods[0])(x)))  # type: ignore[misc,index]
                if isinstance(a, Failure) or np.ndim(a) != len(shape):
                    continue
                y, fresh = _draw_targets(a, rng), copy.deepcopy(thing)
                call_theirs(lambda x=x, fresh=fresh: getattr(fresh, methods[0])(x))  # type: ignore[misc,index]
                found = call_theirs(lambda x=x, y=y, fresh=fresh: flatten(getattr(fresh, methods[1])(x, y)))  # type: ignore[misc,index]
                places = None if isinstance(found, Failure) else match_places(thing, found)
                if places:
                    return x, y, places
        return None

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target for each cost, the one that explains most gradients first."""
        title = name or type(thing).__name__
        tried, methods = self._try(thing), find_methods(type(thing))
        if tried is None or methods is None:
            raise UserError(
                f"{title}: no x and y were found with which its {methods[1] if methods else 'backward'} returns a "
                "gradient for each of its parameters; make the sizes of its layers differ, or check its layers"
            )
        x, y, paths = tried
        places = {name_place(path): path for path in paths}
        drawn = dict(choose_names(list_places(thing)))
        is_one = x.ndim == 1 or x.shape[-1] == 1  # which takes one sample at a time
        rng, data = generator(1, 6), {"x": x, "y": y}
        every = {own: rng.normal(0.1, 0.7, drawn[path].shape) for own, path in places.items()}
        every = dict(sorted(every.items(), key=lambda item: 1 in item[1].shape))  # no bias where data may stand
        every |= {} if is_one else data
        usual = [Loss(words, lambda fresh, X, a, y, cost=cost: cost(a, y)) for words, cost in COSTS.items()]  # type: ignore[misc]
        given = data if is_one else {}
        own = [make_network(thing, methods, places, cost, title, given) for cost in list_own_losses(thing, "x")]
        own = [target for target in own if not isinstance(call_theirs(lambda t=target: float(t.run(every))), Failure)]  # type: ignore[misc]
        made = own or [make_network(thing, methods, places, cost, title, given) for cost in usual]
        for target in sorted(made, key=lambda target: -len(weigh(target, every).right)):
            yield target, every


def _takes_target(kind: type, forward: str) -> bool:
    return any(map(is_target_name, list_arguments(getattr(kind, forward))))


def _draw_targets(a: Array, rng: np.random.Generator) -> Array:
    """Return targets between 0 and 1 for an output, which add up to 1 where it does."""
    y = rng.uniform(0.1, 0.9, np.shape(a))
    axis = next((k for k in range(np.ndim(a)) if np.shape(a)[k] > 1 and np.allclose(np.sum(a, axis=k), 1)), None)
    return y if axis is None else y / y.sum(axis=axis, keepdims=True)


def _returns_lists(text: str) -> bool:
    """Tell whether a backward fills lists, one entry for each layer, and returns them."""
    return "return" in text and any(mark in text for mark in (".insert(0", ".append(", "[-l]"))


KINDS = (NetworkObjectKind(),)
