"""Forward and backward as calls on one state: once, twice, and with a forward at other inputs in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from chainrule.check.model.problem import Array, Arrays, SourceFile
from chainrule.check.model.target import Extras, Target, other_inputs, overwrite
from chainrule.check.model.verdict import Row
from chainrule.check.trial.traps import probe_calls


def make_called(
    name: str,
    prepare: Callable[[Arrays], Any],
    forward: Callable[[Any, Arrays], tuple[Array, Any]],
    backward: Callable[[Any, Any, Array], Arrays],
    moved: str,
    required: tuple[str, ...] = (),
    source: SourceFile | None = None,
) -> Target:
    """Return the target of forward(state, inputs) -> (Y, kept) and backward(state, kept, dY) -> gradients by name.

    prepare(inputs) returns the state of one call. `moved` is the input that another forward gets other values of.
    """

    def run(dY: Array, given: Arrays, between: Callable[[Any, Any], object] = lambda state, kept: None) -> Arrays:
        state = prepare(given)
        _, kept = forward(state, given)
        between(state, kept)
        return backward(state, kept, dY)

    def run_once(dY: Array, **given: Any) -> Arrays:
        return run(dY, given)

    def run_twice(dY: Array, **given: Any) -> Arrays:
        def overwrite_first(state: Any, kept: Any) -> None:
            for gradient in backward(state, kept, dY.copy()).values():
                overwrite(gradient)

        return run(dY, given, overwrite_first)

    def run_later(dY: Array, **given: Any) -> Arrays:
        return run(dY, given, lambda state, kept: forward(state, {**given, moved: other_inputs(given[moved])}))

    def probe(dY: Array, given: Arrays) -> Iterator[Row]:
        yield from probe_calls(run_once, run_later, dY, given)

    def run_forward(**given: Any) -> Array:
        return forward(prepare(given), given)[0]

    return Target(name, run_forward, run_once, required, source=source, extras=Extras(run_twice, probe=probe))
