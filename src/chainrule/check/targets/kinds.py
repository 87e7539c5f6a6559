"""The registry of what can be checked: every file of this folder may declare KINDS, and each kind tells its own."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import FunctionType, MethodType
from typing import Any

from chainrule.check.model.discovery import import_files
from chainrule.check.model.failure import Failure
from chainrule.check.model.names import FLAGS
from chainrule.check.model.problem import Array
from chainrule.check.model.target import Target
from chainrule.errors import UserError

Made = tuple[Target, dict[str, Any]]
PLACED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Namespace:
    """The names in a person's file: `own` are what it defines itself, `wanted` is the one that is asked for, if any.

    `told` are names of which more than gradients can be told: what the forward should compute, which loss takes it.
    """

    own: Mapping[str, Any]
    every: Mapping[str, Any]
    wanted: str = ""
    told: frozenset[str] = frozenset()


class Kind:
    """One kind of thing that can be checked.

    Kinds of a lower `rank` are asked first. `is_function` tells that the thing itself is called, not its forward and
    backward; `is_class` that a file holds a class, of which an object is made to be checked; `starts_constant` that
    the parameters of such an object may all be 0 or 1, so that others are drawn. `square` are inputs that are square.
    """

    rank = 50
    is_function = False
    is_class = False
    starts_constant = False
    square: Sequence[str] = ()

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is of this kind, without loading any library."""
        return False

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the thing of this kind, or its class, that a file holds under a name; None where it is none."""
        return value if self.recognize(value) else None

    def list_helpers(self, value: Any) -> Sequence[Any]:
        """Return what belongs to a value of this kind, and is not checked by itself."""
        return ()

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the function that inputs are drawn for."""
        forward: Callable[..., Any] = thing.forward
        return forward

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the arguments of the forward by name, with their defaults; `...` for those that have none."""
        return list_arguments(self.find_forward(thing))

    def guess_scalars(self, thing: Any) -> dict[str, Any]:
        """Return the arguments that the thing's own text tells are numbers, bare or in an array, with a value."""
        return {}

    def name_inputs(self, thing: Any, values: Sequence[Any]) -> dict[str, Any]:
        """Return what the forward is given by the names of its arguments."""
        return dict(zip(inspect.signature(self.find_forward(thing)).parameters, values, strict=False))

    def call_it(self, thing: Any, name: str) -> str:
        """Return the name of what takes the inputs."""
        return name

    def refuse(self, thing: Any, name: str) -> str:
        """Return why nothing of this kind was made of a thing, whatever inputs it was tried with; "" if unknown."""
        return ""

    def find_refusal(self, thing: Any, inputs: dict[str, Any]) -> Failure | None:
        """Return what the forward of any target of the thing would raise here, where that shows without making one."""
        return None

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target, called `name`, and its inputs, parameters among them; `labels` is the input of a loss.

        A kind has this method of its own, or `make_all`.
        """
        return first_of(self.make_all(thing, inputs, name, labels), name)

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield what `make` returns for each way in which the thing may be called, the likeliest first."""
        yield self.make(thing, inputs, name, labels)

    def fits(self, Y: Array) -> bool:
        """Tell whether an output is one that this kind has."""
        return True


@cache
def list_kinds() -> tuple[Kind, ...]:
    """Return all kinds, in the order in which they are asked."""
    kinds = [kind for file in import_files(__package__) for kind in getattr(file, "KINDS", ())]
    return tuple(sorted(kinds, key=lambda kind: kind.rank))


def find_kind(thing: Any, is_function: bool = False) -> Kind | None:
    """Return the kind of an object, or of a function, None where it is of none."""
    kinds = (kind for kind in list_kinds() if kind.is_function == is_function)
    return next((kind for kind in kinds if kind.recognize(thing)), None)


def find_in_file(file: Namespace) -> Iterable[tuple[str, Kind, Any]]:
    """Yield name, kind and thing, or class, of what a file holds, in its order."""
    helpers = [helper for value in file.own.values() for kind in list_kinds() for helper in kind.list_helpers(value)]
    for name, value in file.own.items():
        if any((inspect.unwrap(value) if inspect.isfunction(value) else value) is helper for helper in helpers):
            continue
        for kind in list_kinds():
            thing = kind.find(name, value, file)
            if thing is not None:
                yield name, kind, thing
                break


def first_of(made: Iterator[Made], name: str) -> Made:
    """Return the first way of calling a thing; raise UserError where there is none."""
    for each in made:
        return each
    raise UserError(f"{name}: no way was found in which its backward may be called")


def read_signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return what `inspect.signature` does, which is asked once of a function and of the methods that it is."""
    if isinstance(function, MethodType) and isinstance(function.__func__, FunctionType):
        return _read_bound(function.__func__)
    return _read_plain(function) if isinstance(function, FunctionType) else inspect.signature(function)


@lru_cache(maxsize=256)
def _read_plain(function: FunctionType) -> inspect.Signature:
    return inspect.signature(function)


@lru_cache(maxsize=256)
def _read_bound(function: FunctionType) -> inspect.Signature:
    return inspect.signature(MethodType(function, ...))


def list_arguments(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the arguments of a function by name, with their defaults; `...` for those that have none."""
    try:
        parameters = read_signature(function).parameters.values()
    except ValueError:
        return {}
    plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return {p.name: ... if p.default is p.empty else p.default for p in plain}


def call_by_name(function: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """Call a function with arguments by name, in their places: a wrapper may take `*args`, and a `/` no names."""
    try:
        parameters = read_signature(function).parameters.values()
    except (TypeError, ValueError):
        return function(**given)
    placed = list(itertools.takewhile(lambda p: p.name in given and p.kind in PLACED, parameters))
    rest = {name: value for name, value in given.items() if name not in {p.name for p in placed}}
    return function(*(given[p.name] for p in placed), **rest)


def list_required(method: Callable[..., Any]) -> list[str]:
    """Return the arguments of a method that it cannot do without, but for itself and flags."""
    every = list_arguments(method).items()
    return [n for n, d in every if d is ... and n not in ("self", "cls") and n.lower() not in FLAGS]
