"""Losses whose parameters are the file's own variables: lossFun(inputs, targets, hprev) -> loss, dWxh, dWhh, …

The function is run with other values of these, in small sizes: each size that is large becomes a small one, in the
arrays and where the file has it as a number.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_returned
from chainrule.check.model.names import is_gradient_of, is_target_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.errors import UserError

LARGE = 8  # sizes above are made small
SMALL = (5, 6, 7, 3, 8)
STEPS = 4


def find_owners(function: Any, own: Mapping[str, Any]) -> dict[str, int]:
    """Return the file's arrays whose gradients a function returns by their names, each with its place there."""
    returned = list_returned(function)
    arrays = [n for n in function.__code__.co_names if isinstance(own.get(n), np.ndarray) and own[n].dtype.kind == "f"]
    return {n: k for n in arrays for k, each in enumerate(returned) if each and is_gradient_of(each, n)}


def make_small(function: Any, own: Mapping[str, Any], owners: Mapping[str, int]) -> dict[str, Any]:
    """Return the arrays, and the numbers that are their sizes, with small sizes for large ones."""
    dims = sorted({n for name in owners for n in own[name].shape if n > LARGE}, reverse=True)
    sizes = dict(zip(dims, SMALL, strict=False))
    rng = generator(0, 5)
    made = {name: rng.normal(0.1, 0.5, [sizes.get(n, n) for n in own[name].shape]) for name in owners}
    numbers = {n: own[n] for n in function.__code__.co_names if type(own.get(n)) is int}
    return {**made, **{name: sizes[n] for name, n in numbers.items() if n in sizes}}


class GlobalLossKind(Kind):
    """A function that returns a loss and the gradients of the file's own arrays."""

    rank = 43

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a function."""
        if not inspect.isfunction(value) or len(list_returned(value)) < 3:
            return None
        owners = find_owners(value, file.every)
        return value if len(owners) > 1 and any(map(is_target_name, list_arguments(value))) else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return a function without arguments: the inputs are made here."""
        return lambda: thing

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target where a way of giving its arguments runs."""
        owners = find_owners(thing, thing.__globals__)
        small = make_small(thing, thing.__globals__, owners)
        arrays = {n: a for n, a in small.items() if n in owners}
        numbers = {n: a for n, a in small.items() if n not in owners}
        count = 0
        for given in _list_arguments(thing, arrays):
            target = _make(thing, owners, numbers, given)
            every = {**arrays, **given}
            if not isinstance(call_theirs(lambda t=target, e=every: float(t.run(e))), Failure):  # type: ignore[misc]
                count += 1
                yield target, every
        if not count:
            raise UserError(
                f"{thing.__name__}: no arguments were found with which it runs; give them with --input NAME=8x5"
            )

    def fits(self, Y: Array) -> bool:
        """Tell whether an output is one number."""
        return Y.ndim == 0


def _list_arguments(thing: Any, arrays: Mapping[str, Array]) -> Iterator[dict[str, Any]]:
    """Yield arguments: data and targets as places or as samples, states as columns, rows or alone."""
    required = [n for n, default in list_arguments(thing).items() if default is ...]
    at = next(k for k, n in enumerate(required) if is_target_name(n))
    sizes = sorted({n for a in arrays.values() for n in a.shape if n > 1})
    classes = min(sizes, default=3)
    shapes = [shape for n in sizes for shape in ((n, 1), (n,), (1, n), (STEPS, n))]
    for state in shapes if len(required) > 2 else shapes[:1]:
        rng = generator(0, 6)
        places = {n: rng.integers(0, classes, STEPS) for n in required[: at + 1]}
        yield {**places, **{n: rng.normal(0, 0.5, state) for n in required[at + 1 :]}}
    for shape in shapes:
        for target in (rng.integers(0, classes, shape[0]), *(rng.uniform(0.1, 0.9, other) for other in shapes)):
            yield {required[0]: rng.normal(0.2, 1.0, shape), required[at]: target}


def _make(thing: Any, owners: Mapping[str, int], numbers: Mapping[str, Any], given: Mapping[str, Any]) -> Target:
    def run(flat: Mapping[str, Any]) -> Any:
        own = {n: np.asarray(flat[n]) if not hasattr(flat[n], "shape") else flat[n] for n in owners}
        every = {**thing.__globals__, **numbers, **own}
        return types.FunctionType(thing.__code__, every, thing.__name__, thing.__defaults__)(
            **{n: flat[n].tolist() if flat[n].dtype.kind == "i" else flat[n] for n in given}
        )

    def backward(dY: Array, **flat: Any) -> Arrays:
        found = run(flat)
        return {name: found[k] for name, k in owners.items()}

    def forward(**flat: Any) -> Array:
        return np.squeeze(first(run(flat)))

    constants = tuple(given)
    return Target(thing.__name__, forward, backward, tuple(owners), constants, True, find_source(thing))


KINDS = (GlobalLossKind(),)
