"""Functions of which a person has said how they belong together, and how the backward is called."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from chainrule.check.model.failure import call_theirs
from chainrule.check.targets.backward_calls import list_ways
from chainrule.check.targets.kinds import Made, Namespace
from chainrule.check.targets.pair import Pair, PairKind, find_pair, make_pair
from chainrule.check.targets.pinned import pinned
from chainrule.check.targets.styles.function_pairs import find_named_pair


class PinnedPairKind(PairKind):
    """A pair of functions whose call is pinned down."""

    rank = 1

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the pair of a backward that was spoken of."""
        if name not in pinned or not inspect.isfunction(value):
            return None
        said = file.own.get(pinned[name].forward)
        if inspect.isfunction(said):
            return Pair(said, value)
        return find_pair(name, value, file.own) or find_named_pair(name, value, file.own)

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target of the pair in the way that was said."""
        result = call_theirs(lambda: thing.forward(**inputs))
        kept = len(result) - 1 if isinstance(result, tuple) else 0
        for way in list_ways(thing.backward, tuple(inputs), kept):
            yield make_pair(thing.forward, thing.backward, tuple(inputs), way), inputs


KINDS = (PinnedPairKind(),)
