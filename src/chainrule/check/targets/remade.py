"""Objects made again with another value of a setting, or with the parameters that their first forward makes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from chainrule.check.model.construction import construct_again, is_known, recall_arguments, remember_as
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_read
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Setting, Target
from chainrule.check.targets.kinds import list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.places import (
    Path,
    choose_names,
    find_gradient,
    is_parameter_place,
    list_lengths,
    list_places,
    read,
)
from chainrule.check.trial.settings.trying import double
from chainrule.check.trial.settings.values import COUNTS, GROUPED, list_fields, list_other_values

NOTHING: Mapping[str, Any] = MappingProxyType({})
Remade = tuple[Target, Arrays]  # the target of an object made again, and its own parameters


def list_constructor_settings(
    instance: Any, given: Arrays, make: Callable[[Any], Remade | None], already: Mapping[str, Any] = NOTHING
) -> Iterator[Setting]:
    """Yield the targets of objects made as this one was, each with another value of one setting, besides those already.

    make(object) returns None for one that is no longer like this one. Groups of channels need twice as many.
    """
    if not is_known(instance):
        return
    source = find_source(type(instance))
    text, X = source.text if source else "", next((a for a in given.values() if isinstance(a, np.ndarray)), None)
    for name, default in {**_list_made_with(instance), **already}.items():
        for key, own, put in list_fields(name, default):
            for other in list_other_values(key, own, text, X):
                changed, at = {**already, name: put(other)}, given
                if key in GROUPED:
                    more, at = _double(instance, given)
                    changed |= more
                made = call_theirs(lambda changed=changed: make(construct_again(instance, **changed)))  # type: ignore[misc]
                if not isinstance(made, Failure) and made:
                    back = Setting(key, other, own, make(construct_again(instance, **already))[0], given)  # type: ignore[index]
                    further = partial(
                        _go_on, back, partial(list_constructor_settings, instance, make=make, already=changed)
                    )
                    fitting = {n: a for n, a in made[1].items() if np.shape(a) != np.shape(at[n])}
                    yield Setting(key, own, other, made[0].with_extras(settings=further), {**at, **fitting})


def _list_made_with(instance: Any) -> dict[str, Any]:
    """Return what an object was made with, defaults too; those that its text reads from `**kwargs` among them."""
    made_with, read_kwargs = recall_arguments(instance), list_read(type(instance).__init__)
    defaults = {**list_arguments(type(instance)), **read_kwargs}
    return {name: made_with.get(name, default) for name, default in defaults.items()}


def _double(instance: Any, given: Arrays) -> tuple[dict[str, int], Arrays]:
    """Return what an object is to be made with for twice as many features, and arrays that have as many."""
    shapes = [np.shape(a) for a in given.values()]
    sizes = {
        name: value
        for name, value in recall_arguments(instance).items()
        if type(value) is int and value > 1 and name not in COUNTS and any(value in shape for shape in shapes)
    }
    doubled = {n: double(a, [*sizes.values()], 1) if isinstance(a, np.ndarray) else a for n, a in given.items()}
    return {name: 2 * value for name, value in sizes.items()}, doubled


def _go_on(back: Setting, further: Callable[[Arrays], Iterator[Setting]], given: Arrays) -> Iterator[Setting]:
    """Yield the setting that an object was made with, since what mends another must do no harm there; then others."""
    yield back
    yield from further(given)


def settle(thing: Any, given: Iterable[Any], run: Callable[[Any, bool], Any], run_back: Callable[[Any], Any]) -> Any:
    """Return the object with the parameters that its first forward makes; itself, where that makes none.

    run(object, elsewhere) runs a forward, at other inputs than those given too, run_back(object) forward and backward.
    Parameters are arrays that a second forward leaves as they are, and each of which has a gradient after backward; an
    input that is kept is none.
    """
    if any(is_parameter_place(path) for path, _ in list_places(thing)):
        return thing
    first, back = copy.deepcopy(thing), copy.deepcopy(thing)
    if isinstance(call_theirs(lambda: run(first, False)), Failure):
        return thing
    later = copy.deepcopy(first)
    if any(isinstance(call_theirs(call), Failure) for call in (lambda: run(later, True), lambda: run_back(back))):
        return thing
    grown = list_grown(first, later)
    places = choose_names((p, a) for p, a in list_places(first) if is_parameter_place(p))
    places = [(p, a) for p, a in places if not any(np.array_equal(a, each) for each in given)]
    made = [p for p, a in places if not _is_within(p, grown) and np.array_equal(read(later, p), a)]
    after = dict(list_places(back, numbers=True))
    lacking = [path for k, path in enumerate(made) if find_gradient(path, k, after) is None]
    if len(lacking) == len(made) or any(np.any(read(first, path)) for path in lacking):  # zeros may be states
        return thing
    for path in grown:
        read(first, path).clear()
    remember_as(first, thing)
    return first


def list_grown(before: Any, after: Any) -> list[Path]:
    """Return the lists within an object that have more members than before, by their paths."""
    lengths = list_lengths(after)
    return [path for path, length in list_lengths(before).items() if lengths.get(path, 0) > length]


def _is_within(path: Path, lists: list[Path]) -> bool:
    return any(path[: len(each)] == each for each in lists)
