"""Objects of settings that a class is made with: an argument `config`, of a class of the file's own or of none."""

from __future__ import annotations

import copy
import inspect
import re
import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.problem import Array
from chainrule.check.model.target import generator

NAMES = {"config", "cfg", "conf", "args", "hparams", "hps", "hp", "opt", "options", "settings", "hyperparams"}
LAYERS = {"layers", "modules", "mods", "blocks", "net", "network"}
CONTAINED = 10  # a stream of random numbers of its own
STEP, CLOSE = 1e-4, 1e-5
Draw = Callable[[Mapping[str, Any]], dict[str, Any]]


def make_configs(kind: Any, names: Mapping[str, Any], draw: Draw) -> dict[str, Any]:
    """Return an object of settings for each argument of a constructor that is one, and layers where it takes a list.

    By its annotation it is made as its class makes it; else it has what the constructor reads of it. draw(names) makes
    values for arguments without a default.
    """
    made = dict[str, Any]()
    for name, default in names.items():
        if default is not ...:
            continue
        own = _find_class(kind, name)
        if name.lower() in LAYERS:
            made[name] = _make_layers(kind, draw) or None
        elif own is not None:
            made[name] = call_theirs(lambda own=own: own(**draw(_list_needed(own))))  # type: ignore[misc]
        elif name.lower() in NAMES:
            made[name] = _collect(kind, name, draw)
    return {name: value for name, value in made.items() if not isinstance(value, Failure) and value is not None}


def _make_layers(kind: Any, draw: Draw) -> list[Any]:
    """Return an object of each of the file's layers that keep the shape of a batch, one behind the other.

    One whose own gradient is wrong is left out: a container is not to blame for what it holds.
    """
    module, X = sys.modules.get(getattr(kind, "__module__", "")), generator(0, CONTAINED).normal(size=(2, 5))
    own = [v for v in vars(module).values() if inspect.isclass(v) and v is not kind and v.__module__ == kind.__module__]
    layers = []
    for each in own:
        if all(callable(getattr(each, method, None)) for method in ("forward", "backward")):
            layer = call_theirs(lambda each=each: each(**dict.fromkeys(draw(_list_needed(each)), 5)))  # type: ignore[misc]
            Y = call_theirs(lambda layer=layer: layer.forward(X))  # type: ignore[misc]
            keeps = isinstance(Y, np.ndarray) and Y.shape == X.shape
            layers += [layer] if keeps and call_theirs(lambda layer=layer: _is_right(layer, X)) is True else []  # type: ignore[misc]
    return layers


def _is_right(layer: Any, X: Array) -> bool:
    """Tell whether the gradient of a layer's input agrees with a central difference along a random direction."""
    dY, direction = generator(1, CONTAINED).normal(size=(2, *X.shape))
    Y = [copy.deepcopy(layer).forward(X + step * direction) for step in (STEP, -STEP)]
    layer.forward(X)
    promised, slope = np.sum(layer.backward(dY) * direction), np.sum(dY * (Y[0] - Y[1])) / (2 * STEP)
    return bool(abs(promised - slope) <= CLOSE * max(1.0, abs(slope)))


def _find_class(kind: Any, name: str) -> Any:
    """Return the class of the file's own that annotates an argument."""
    parameters = call_theirs(lambda: inspect.signature(kind).parameters)
    annotation = "" if isinstance(parameters, Failure) else parameters[name].annotation
    module = sys.modules.get(getattr(kind, "__module__", ""))
    own = getattr(module, annotation.strip("'\""), None) if isinstance(annotation, str) else annotation
    is_own = inspect.isclass(own) and own is not inspect.Parameter.empty and own.__module__ == kind.__module__
    return own if is_own else None


def _list_needed(own: Any) -> dict[str, Any]:
    parameters = inspect.signature(own).parameters.values()
    return {p.name: ... for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD}


def _collect(kind: Any, name: str, draw: Draw) -> Any:
    text = read_source(kind)
    read = dict.fromkeys(re.findall(rf"\b{name}\.(\w+)\b(?!\()", text), ...)
    keys = dict.fromkeys(re.findall(rf"\b{name}\[['\"](\w+)['\"]\]", text), ...)
    return draw(keys) if keys else SimpleNamespace(**draw(read)) if read else None
