"""Objects made again with another value of a setting that their constructor has a default for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chainrule.check.model.construction import construct_again, is_known, recall_arguments
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Setting, Target
from chainrule.check.targets.kinds import list_arguments
from chainrule.check.trial.settings import list_other_values


def list_constructor_settings(
    instance: Any, given: Arrays, make: Callable[[Any], Target], suits: Callable[[Any], bool]
) -> Iterator[Setting]:
    """Yield the targets of objects made as this one was, each with another value of one setting."""
    if not is_known(instance):
        return
    made_with = recall_arguments(instance)
    for name, default in list_arguments(type(instance)).items():
        default = made_with.get(name, default)
        for other in list_other_values(name, default):
            remade = call_theirs(lambda name=name, other=other: construct_again(instance, **{name: other}))  # type: ignore[misc]
            if not isinstance(remade, Failure) and suits(remade):
                yield Setting(name, default, other, make(remade), given)
