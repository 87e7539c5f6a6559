"""What can be checked in a person's file, with inputs that it takes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.check.files.given import Given
from chainrule.check.files.inputs import draw_arguments, draw_inputs, list_schemes, randomize
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.names import find_labels
from chainrule.check.model.target import Target
from chainrule.check.targets.kinds import Kind, Made, Namespace, find_in_file, find_kind, list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.check.trial.inputs import accepts, output_at
from chainrule.errors import UserError

Maker = Callable[[Mapping[str, Given], int], Made]


def list_candidates(module: ModuleType, wanted: str = "") -> Iterator[tuple[str, Maker]]:
    """Yield what the file itself defines and can be checked, by name, in the file's order, with what makes a target."""
    own = {n: v for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__ and callable(v)}
    for name, kind, thing in find_in_file(Namespace(own, vars(module), wanted)):
        yield name, _prepare(name, kind, thing)


def _prepare(name: str, kind: Kind, thing: Any) -> Maker:
    def make(given: Mapping[str, Given], seed: int) -> Made:
        return _choose(_try(name, kind, thing, given, seed), name, kind, thing)

    return make


def _try(name: str, kind: Kind, thing: Any, given: Mapping[str, Given], seed: int) -> Iterator[Made]:
    """Yield targets with inputs that may suit, of a thing or of objects of a class."""
    for each in _construct(thing, name, given) if kind.is_class else (thing,):
        own = (find_kind(each) if kind.is_class else None) or kind
        arguments = own.list_arguments(each)
        for inputs in draw_inputs(arguments, given, seed):
            target, every = own.make(each, inputs, name, find_labels(list(arguments)))
            if own.starts_constant:
                every |= randomize({n: a for n, a in every.items() if n not in inputs}, seed)
            yield target, every


def _construct(kind: Any, name: str, given: Mapping[str, Given]) -> Iterator[Any]:
    """Yield objects of a class, made with sizes of each scheme; raise UserError where none can be made."""
    arguments, refusals, count = list_arguments(kind), list[Failure](), 0
    for scheme, listed in itertools.product(list_schemes(given), (False, True)):
        drawn = draw_arguments(arguments, given, scheme, listed)
        instance = call_theirs(lambda drawn=drawn: kind(**drawn))  # type: ignore[misc]
        if isinstance(instance, Failure):
            refusals.append(instance)
            continue
        count += 1
        yield instance
    if not count:
        wanted = ", ".join(n for n, default in arguments.items() if default is ...)
        raise UserError(
            f"{name}: no arguments were found with which it can be made ({wanted}): "
            f"{refusals[0].describe(find_source(kind))}; give them with --input NAME=value:5 or NAME=8x5"
        )


def _choose(tries: Iterator[Made], name: str, kind: Kind, thing: Any) -> Made:
    """Return the first target with inputs that it takes; raise UserError, with what the first try met, for none."""
    refusal = ""
    for target, inputs in tries:
        if _suits(target, inputs, kind):
            return target, inputs
        refusal = refusal or _ask_why(target, inputs)
    wanted = ", ".join(name for name in list_arguments(kind.find_forward(thing)) if name not in ("self", "ctx"))
    raise UserError(
        f"{kind.call_it(thing, name)}: no inputs were found that it takes (arguments: {wanted or 'none'}){refusal}; "
        "give them with --input NAME=8x5"
    )


def _ask_why(target: Target, inputs: dict[str, Any]) -> str:
    """Return what a forward says to inputs that it does not take."""
    Y = call_theirs(lambda: target.run(inputs))
    if isinstance(Y, Failure):
        return f": {Y.describe(target.source)}"
    return ": it returns None" if Y.dtype == object and Y.ndim == 0 and Y[()] is None else ""


def _suits(target: Target, inputs: dict[str, Any], kind: Kind) -> bool:
    """Tell whether the forward takes these inputs, and by more than luck: where signs differ, with the others too."""
    Y = output_at(target, inputs) if inputs else None
    if Y is None or not kind.fits(Y):
        return False
    name, X = next(iter(inputs.items()))
    return bool(np.all(X >= 0)) or accepts(target, {**inputs, name: -X})
