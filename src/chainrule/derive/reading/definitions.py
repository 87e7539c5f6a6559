"""The order of definitions: each after those that it uses at its own step; what is of an earlier step may follow."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from chainrule.derive.language.expressions import Expr, Ref


class Defines(Protocol):
    """What says what an array is."""

    @property
    def target(self) -> Ref:
        """The array, at its indices."""

    @property
    def value(self) -> Expr:
        """What it is."""


D = TypeVar("D", bound=Defines)


def in_order(definitions: Sequence[D]) -> list[D]:
    """The definitions as they are written, but "where y = …" before what uses it."""
    ordered: list[D] = []
    waiting = list(definitions)
    while waiting:
        free = (d for d in waiting if not any(uses(d, other) for other in waiting if other is not d))
        ordered.append(waiting.pop(waiting.index(next(free, waiting[0]))))
    return ordered


def with_last(definitions: Sequence[D], name: str) -> list[D]:
    """The definitions in order, that of this name last where no other uses it at its own step."""
    ordered = in_order(definitions)
    last = next((definition for definition in reversed(ordered) if definition.target.name == name), None)
    if last is None or any(uses(other, last) for other in ordered if other is not last):
        return ordered
    return [*(definition for definition in ordered if definition is not last), last]


def uses(definition: Defines, other: Defines) -> bool:
    """Whether a definition uses what another defines, other than at an earlier step, as in h[t-1]."""
    return any(
        isinstance(node, Ref) and node.name == other.target.name and all(i.letter or i.lookups for i in node.indices)
        for node in definition.value.walk()
    )
