"""Objects made again with another value of a setting, or with the parameters that their first forward makes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np

from chainrule.check.model.construction import construct_again, is_known, recall_arguments, remember_as
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_words
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
from chainrule.check.trial.settings import list_other_values


def list_constructor_settings(instance: Any, given: Arrays, make: Callable[[Any], Target | None]) -> Iterator[Setting]:
    """Yield the targets of objects made as this one was, each with another value of one setting.

    make(object) returns None for one that is no longer like this one.
    """
    if not is_known(instance):
        return
    made_with, source = recall_arguments(instance), find_source(type(instance))
    arguments = {name: made_with.get(name, default) for name, default in list_arguments(type(instance)).items()}
    spelled = source and any(isinstance(value, str | None) for value in arguments.values())
    words = read_words(source.text) if spelled and source else {}
    for name, default in arguments.items():
        compared = words.get(name, [])
        others = [word for word in compared if word != default and (default in compared or default is None)]
        for other in (*list_other_values(name, default), *others):
            remade = call_theirs(lambda name=name, other=other: construct_again(instance, **{name: other}))  # type: ignore[misc]
            target = None if isinstance(remade, Failure) else make(remade)
            own = make(instance) if target else None
            if target and own:
                back = partial(_go_back, Setting(name, other, default, own, given))
                yield Setting(name, default, other, target.with_extras(settings=back), given)


def _go_back(setting: Setting, given: Arrays) -> Iterator[Setting]:
    """Yield the setting that an object was made with: what mends another must do no harm there."""
    yield setting


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
