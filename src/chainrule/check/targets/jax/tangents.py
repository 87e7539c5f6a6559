"""Functions with a `jax.custom_jvp`: the backward is the transpose that JAX makes of the rule."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from chainrule.check.model.failure import until_failure
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.verdict import Row
from chainrule.check.targets.jax.function import Rule
from chainrule.check.targets.kinds import Kind, Made
from chainrule.errors import UserError


class JvpRule(Rule):
    """A function and its rule for tangents."""

    def probe(self, dY: Array, given: Arrays) -> Iterator[Row | str]:
        """Yield what is wrong with the rule besides its numbers."""
        yield from until_failure(chain(self.probe_jit(dY, given), self.probe_second(dY, given)))


class CustomJvpKind(Kind):
    """A function with a `jax.custom_jvp`."""

    rank = 10
    is_function = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a function, without loading JAX."""
        jax = sys.modules.get("jax")
        return jax is not None and isinstance(thing, jax.custom_jvp)

    def list_helpers(self, value: Any) -> Sequence[Any]:
        """Return the functions that it is made of."""
        return (value.fun, value.jvp) if self.recognize(value) else ()

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the function without its rule."""
        function: Callable[..., Any] = thing.fun
        return function

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the function; raise UserError where it has no rule."""
        rule = JvpRule(thing, inputs, 0)
        if thing.jvp is None:
            raise UserError(f"{name or rule.title}: it has no rule yet; give it one with {rule.title}.defjvp(rule)")
        return rule.target(), inputs


KINDS = (CustomJvpKind(),)
