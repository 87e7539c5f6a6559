"""What objects were made with, so that they can be made again with one setting changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs

MOST_PLACES = 3
TENSORS = {"tensors", "inputs", "parents", "srcs"}

_made: dict[int, tuple[Any, Callable[..., Any], dict[str, Any]]] = {}  # by id; the object is held, so its id stays


def construct(kind: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
    """Return an object made with these arguments, and remember them."""
    instance = kind(*_stand_in(kind), **arguments)
    _made[id(instance)] = instance, kind, dict(arguments)
    return instance


class StandIn:
    """Stands for a layer in a list of those that a container is made with: Y = tanh(slope C), C = cumsum(X).

    The sums are along the last axis, so that two layers in another order are another function.
    """

    def __init__(self, slope: float) -> None:
        self.slope = slope

    def forward(self, x: Any, *_: Any, **__: Any) -> Any:
        """Return Y, and keep it."""
        self.y = np.tanh(self.slope * np.cumsum(x, axis=-1))
        return self.y

    __call__ = forward

    def backward(self, dY: Any, *_: Any, **__: Any) -> Any:
        """Return dX, where dC = slope dY (1 − Y²) and dX[n] = Σ dC[j] over j ≥ n."""
        dC = self.slope * np.asarray(dY) * (1 - self.y**2)
        return np.cumsum(dC[..., ::-1], axis=-1)[..., ::-1]


class Sampler:
    """Stands for a data set of which a function asks places in a table: each of these methods returns one."""

    def __init__(self, methods: Iterable[str]) -> None:
        for method in methods:
            vars(self)[method] = lambda *_, **__: int(np.random.randint(MOST_PLACES))  # noqa: NPY002 - which is seeded


class Parent:
    """Stands for a tensor that a Function of a framework's own is made with: it has a gradient."""

    requires_grad = True
    device = "CPU"


def _stand_in(kind: Any) -> list[Any]:
    """Return what a class that is made with `*tensors` is made with: one for each argument of its forward."""
    parameters = call_theirs(lambda: list(signature(kind).parameters.values()))
    if isinstance(parameters, Failure) or not any(p.name in TENSORS and p.kind == p.VAR_POSITIONAL for p in parameters):
        return []
    takes = call_theirs(lambda: list(signature(kind.forward).parameters.values())[1:])
    return [] if isinstance(takes, Failure) else [Parent() for p in takes if p.default is p.empty]


def construct_again(instance: Any, **changed: Any) -> Any:
    """Return another object made as this one was, with some arguments changed; raise LookupError where nobody knows."""
    _, kind, arguments = _made[id(instance)]
    return kind(**{**arguments, **changed})


def construct_in_sizes(instance: Any, resize: Callable[[Any], Any]) -> Any:
    """Return another object made as this one was, in other sizes; raise LookupError where nobody knows how it was."""
    return construct_again(instance, **{name: resize(value) for name, value in recall_arguments(instance).items()})


def remember_as(other: Any, instance: Any) -> None:
    """Let a copy of an object, perhaps of another class, be known to be made as it was, where that is known."""
    if id(instance) in _made:
        _made[id(other)] = other, type(other), _made[id(instance)][2]


def recall_arguments(instance: Any) -> dict[str, Any]:
    """Return what an object was made with; raise LookupError where nobody knows."""
    return _made[id(instance)][2]


def is_known(instance: Any) -> bool:
    """Tell whether it is known how an object was made."""
    return id(instance) in _made
