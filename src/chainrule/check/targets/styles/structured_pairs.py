"""Functions whose arguments or results are structures: `linear_fwd(params: LinearParams, x)`, `conv({"x": x}, params)`.

A named tuple, a dataclass or a dictionary of arrays becomes as many arguments, so that the pair is one of plain
functions: forward(weight, bias, x) and its backward, whose gradients come by these names.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chainrule.check.model.failure import call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.names import KEYED, is_gradient_of
from chainrule.check.model.problem import Arrays
from chainrule.check.targets.kinds import Namespace, list_arguments
from chainrule.check.targets.pair import Pair, find_pair
from chainrule.check.targets.styles.closures import Closure, ClosureKind, find_closure
from chainrule.check.targets.styles.function_pairs import NamedPairKind, find_named_pair

Make = Callable[..., Any]


@dataclasses.dataclass(frozen=True)
class Structure:
    """How an argument is made of its entries, and the names that these have as arguments."""

    make: Make
    names: Mapping[str, str]

    def build(self, given: Mapping[str, Any]) -> Any:
        """Return the argument, of arguments by name."""
        return self.make(**{key: given[name] for key, name in self.names.items()})


def find_structures(function: Callable[..., Any]) -> dict[str, Structure]:
    """Return the arguments of a function that are structures, by name."""
    parameters = call_theirs(lambda: list(inspect.signature(function).parameters.values()))
    text = read_source(function)
    if not isinstance(parameters, list) or not text:
        return {}
    made = dict[str, tuple[Make, list[str]]]()
    for each in parameters if all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters) else ():
        kind = _find_class(each.annotation, function)
        keys = list(dict.fromkeys(re.findall(rf"\b{each.name}\[['\"](\w+)['\"]\]", text)))
        if fields := _list_fields(kind):
            made[each.name] = kind, fields
        elif each.default is each.empty and keys and not set(map(str.lower, keys)) <= KEYED.keys():
            made[each.name] = dict, keys
    plain = {p.name for p in parameters if p.name not in made}
    every = [key for _, keys in made.values() for key in keys]
    return {
        n: Structure(make, {k: f"{n}_{k}" if k in plain or every.count(k) > 1 else k for k in keys})
        for n, (make, keys) in made.items()
    }


def _find_class(annotation: Any, function: Callable[..., Any]) -> Any:
    return function.__globals__.get(annotation) if isinstance(annotation, str) else annotation


def _list_fields(kind: Any) -> list[str]:
    """Return the fields of a class of named tuples, or of a dataclass without methods of its own."""
    if not inspect.isclass(kind):
        return []
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return list(kind._fields)
    methods = [n for n, v in vars(kind).items() if inspect.isfunction(v) and not n.startswith("__")]
    return [f.name for f in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) and not methods else []


def flatten_pair(pair: Pair) -> Pair | None:
    """Return the pair of plain functions that one with structures is; None where it has none."""
    given = find_structures(pair.forward)
    if not given:
        return None
    received = {n: s for n, s in find_structures(pair.backward).items() if n in given}
    outputs = list[str]()  # of the dictionary in which the output lies

    @functools.wraps(pair.forward)
    def forward(*values: Any, **named: Any) -> Any:
        flat = {**dict(zip(names, values, strict=False)), **named}
        result = pair.forward(*_collect(pair.forward, given, flat))
        Y, *kept = result if type(result) is tuple else (result,)
        if isinstance(Y, Mapping) and len(Y) == 1:
            outputs[:] = list(Y)
            Y = Y[outputs[0]]
        return (Y, *kept) if type(result) is tuple else Y

    @functools.wraps(pair.backward)
    def backward(*values: Any, **named: Any) -> Arrays:
        flat = {**dict(zip(taken, values, strict=False)), **named}
        if outputs:
            flat[taken[0]] = {outputs[0]: flat[taken[0]]}
        return _name_returned(pair, given, pair.backward(*_collect(pair.backward, received, flat)))

    names, taken = _sign(forward, pair.forward, given), _sign(backward, pair.backward, received)
    return Pair(forward, backward)


def _collect(function: Callable[..., Any], structures: Mapping[str, Structure], flat: Mapping[str, Any]) -> list[Any]:
    """Return the arguments of a function, of those of the plain one."""
    own = [name for name in inspect.signature(function).parameters if name in structures or name in flat]
    return [structures[name].build(flat) if name in structures else flat[name] for name in own]


def _sign(plain: Any, function: Callable[..., Any], structures: Mapping[str, Structure]) -> list[str]:
    """Give the plain function a signature with the entries of structures, and return their names."""
    own = inspect.signature(function)

    def split(parameter: inspect.Parameter) -> Iterable[inspect.Parameter]:
        entries = structures[parameter.name].names.values() if parameter.name in structures else ()
        return [parameter.replace(name=n, annotation=parameter.empty) for n in entries] or [parameter]

    every = [each for parameter in own.parameters.values() for each in split(parameter)]
    plain.__signature__ = own.replace(parameters=every, return_annotation=own.empty)
    return [each.name for each in every]


def _name_returned(pair: Pair, given: Mapping[str, Structure], found: Any) -> Arrays:
    """Return gradients by the names of the plain forward's arguments."""
    parts = list(found) if type(found) in (tuple, list) else [found]
    plain = [name for name in list_arguments(pair.forward) if name not in given]
    named, entries = dict[str, Any](), {k: n for s in given.values() for k, n in s.names.items()}
    for part in parts:
        if fields := _list_fields(type(part)):
            part = {field: getattr(part, field) for field in fields}
        if not isinstance(part, Mapping):
            named |= {plain.pop(0): part} if plain else {}
            continue
        owners = {**{name: name for name in plain}, **entries}
        for key, gradient in part.items():
            own = next((k for k in owners if str(key) == k or is_gradient_of(str(key), k)), "")
            named |= {owners[own]: gradient} if own else {}
    return named


class StructuredPairKind(NamedPairKind):
    """A pair of functions of which arguments or results are structures."""

    rank = 44

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the plain pair, unless a single dictionary holds all: those of parameters are a kind of their own."""
        pair = find_pair(name, value, file.own) or find_named_pair(name, value, file.own)
        found = find_structures(pair.forward) if pair else {}
        is_one = len(found) == 1 and all(each.make is dict for each in found.values())
        return flatten_pair(pair) if pair and found and not is_one else None


class StructuredClosureKind(ClosureKind):
    """A function of structures that returns its backward: dense(params, x) -> (y, backward)."""

    rank = 63

    def recognize(self, thing: Any) -> bool:
        """Tell whether a function is such a one; it is found by its name alone."""
        return False

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return what the function gives that takes the entries of its structures one by one."""
        found = find_closure(value)
        given = find_structures(value) if found and found.gives == "both" else {}
        return flatten_closure(value, given) if given else None


def flatten_closure(function: Callable[..., Any], given: Mapping[str, Structure]) -> Closure:
    """Return the function of plain arguments that one with structures is."""

    @functools.wraps(function)
    def plain(*values: Any, **named: Any) -> Any:
        flat = {**dict(zip(names, values, strict=False)), **named}
        Y, own = function(*_collect(function, given, flat))

        @functools.wraps(own)
        def backward(*dY: Any) -> Arrays:
            return _name_returned(Pair(function, own), given, own(*dY))

        return Y, backward

    names = _sign(plain, function, given)
    return Closure(plain, "both", {})


KINDS = (StructuredPairKind(), StructuredClosureKind())
