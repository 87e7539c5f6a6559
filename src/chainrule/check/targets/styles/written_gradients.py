"""Backwards that write gradients into arrays they are handed: `layernorm_backward(dinp, dweight, dout, inp, …)`.

So is C written, and NumPy after it: each gradient is an argument of zeros, to which backward adds; it returns nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chainrule.check.model.literals import list_written
from chainrule.check.model.names import is_gradient_of
from chainrule.check.model.target import generator
from chainrule.check.targets.backward_calls import Way, list_ways
from chainrule.check.targets.kinds import Made, Namespace, list_arguments
from chainrule.check.targets.pair import Pair, PairKind, count_kept, find_pair, make_pair
from chainrule.check.targets.styles.function_pairs import find_named_pair
from chainrule.check.trial.evidence import weigh
from chainrule.check.trial.sizes import add_axis


class WrittenPairKind(PairKind):
    """A function and its backward, which writes gradients into its arguments."""

    rank = 44

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a pair."""
        pair = find_pair(name, value, file.own) or find_named_pair(name, value, file.own)
        return pair if pair and _writes(pair) else None

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target in the likeliest way, at the inputs or with an axis more, if more is right there.

        Where `dbias += dout.sum((0, 1))` is spread, its shape tells nothing: unless all is right even so, what is
        written counts as it is.
        """
        every = [inputs]
        first = next((each for each in inputs.values() if hasattr(each, "shape")), None)
        if first is not None and first.ndim == 2:
            every.append(add_axis(inputs, generator(0, 8)))
        made = [(way, given) for given in every for way in self._list_ways(thing, given)]
        spread = [(make_pair(thing.forward, thing.backward, tuple(given), way), given) for way, given in made]
        right = [weigh(*each) for each in spread]
        best = max(range(len(made)), key=lambda k: len(right[k].right), default=0)
        if made and right[best].settles:
            yield spread[best]
            return
        for way, given in made[best : best + 1]:
            kept = replace(way, keeps_shapes=True)
            yield make_pair(thing.forward, thing.backward, tuple(given), kept), given

    @staticmethod
    def _list_ways(thing: Pair, inputs: dict[str, Any]) -> list[Way]:
        kept, is_loss = count_kept(thing, inputs)
        return list_ways(thing.backward, tuple(inputs), kept, loss=is_loss)


def _writes(pair: Pair) -> bool:
    inputs = list_arguments(pair.forward)
    return any(is_gradient_of(each, name) for each in list_written(pair.backward) for name in inputs)


KINDS = (WrittenPairKind(),)
