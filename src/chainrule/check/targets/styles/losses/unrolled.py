"""Losses whose parameters lie unrolled in one vector: `nnCostFunction(nn_params, input_size, …, X, y) -> (J, grad)`.

The function cuts the vector by sizes that it is told. These are chosen, all different, and the length of the vector is
the first with which it runs and returns a gradient as long.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_returned, read_source
from chainrule.check.model.names import SETTINGS, is_target_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.errors import UserError

CUT = re.compile(r"reshape\(\s*(\w+)\[|\b(\w+)\[[^\]\n]*:[^\]\n]*\]\s*\.reshape\(")
SIZE = re.compile(r"size|dim|num|units|hidden|^n_?\w{0,4}$|^[hkd]\d?$", re.IGNORECASE)
LISTS = re.compile(r"^(dims?|dimensions|sizes|shapes?|layers?|layer_sizes|architecture)$", re.IGNORECASE)
SIZES = (5, 4, 3)  # features in, hidden, out
SAMPLES, LONGEST = 6, 120


def find_vector(function: Any) -> str:
    """Return the argument of a loss with its gradient that is cut and reshaped; "" where none is."""
    names = [a or b for a, b in CUT.findall(read_source(function))] if inspect.isfunction(function) else []
    own = [name for name in names if name in list_arguments(function)] if names else []
    return own[0] if len(own) > 1 and len(list_returned(function)) == 2 else ""


def list_data(function: Callable[..., Any], vector: str) -> Iterator[dict[str, Any]]:
    """Yield what the function takes besides the vector, for each way of giving labels."""
    rng, sizes = generator(0, 9), list(SIZES)
    given, labels = dict[str, Any](), ""
    for name, default in list_arguments(function).items():
        key = name.lower()
        if name == vector or default is not ...:
            given[name] = default
        elif LISTS.search(name):
            given[name] = SIZES
        elif SIZE.search(name):
            given[name] = sizes.pop(0) if sizes else SIZES[-1]
        elif is_target_name(name):
            labels = name
            given[name] = None
        elif key in SETTINGS or key in ("reg", "lambda"):
            given[name] = SETTINGS.get(key, 0.7)
        else:
            given[name] = rng.normal(0.1, 0.8, (SAMPLES, SIZES[0]))
    numbers = rng.integers(0, SIZES[-1], SAMPLES)
    rows = np.eye(SIZES[-1])[numbers]
    for each in (numbers, rows, numbers + 1, numbers[:, None], rng.integers(0, 2, (SAMPLES, SIZES[-1])) * 1.0):
        yield {**given, **({labels: each} if labels else {})}


def find_length(function: Callable[..., Any], vector: str, given: dict[str, Any]) -> int:
    """Return the length of the vector with which the function runs and returns as long a gradient; 0 where none is."""
    for length in range(2, LONGEST):
        result = call_theirs(lambda n=length: function(**{**given, vector: np.linspace(-0.5, 0.5, n)}))  # type: ignore[misc]
        if not isinstance(result, Failure) and isinstance(result, tuple) and np.shape(result[1]) == (length,):
            return length if np.all(np.isfinite(first(result))) else 0
    return 0


class UnrolledKind(Kind):
    """A loss with its gradient by one vector of all parameters."""

    rank = 61

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a function."""
        return value if find_vector(value) else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return a function without arguments: what this one takes is made here."""
        return lambda: thing

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target; raise UserError where no data and no length are found with which the function runs."""
        vector = find_vector(thing)
        for given in list_data(thing, vector):
            if length := find_length(thing, vector, given):
                values = {**given, vector: generator(0, 10).normal(0.0, 0.6, length)}
                yield _make(thing, vector, values), values
                return
        raise UserError(f"{name or thing.__name__}: no length of {vector} was found with which it runs")


def _make(function: Callable[..., Any], vector: str, given: dict[str, Any]) -> Target:
    def forward(**values: Any) -> Array:
        return np.asarray(first(function(**values)))

    def backward(dY: Array, **values: Any) -> Arrays:
        return {vector: function(**values)[1]}

    constants = tuple(n for n, value in given.items() if isinstance(value, np.ndarray) and n != vector)
    name = getattr(function, "__name__", "loss")
    return Target(name, forward, backward, (vector,), constants, True, find_source(function))


KINDS = (UnrolledKind(),)
