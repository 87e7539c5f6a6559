"""Functions with a `jax.custom_vjp` as targets, in float64 (within a context: JAX itself stays as it is).

The truth is found by differences of the function itself; `jax.vjp` of it without its rule is the third.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs, until_failure
from chainrule.check.model.names import CONSTANTS
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Extras, Target, Variant, generator, restore
from chainrule.check.model.tolerance import SAFETY
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.replay.jax_functions import run_noted
from chainrule.check.replay.tape import current_tape
from chainrule.check.targets.cached_functions import list_arrays
from chainrule.check.targets.kinds import Kind, Made
from chainrule.check.targets.pair import find_source
from chainrule.check.trial.differences import extrapolated_slope
from chainrule.errors import UserError

STEP = 0.01


def is_custom_vjp(value: Any) -> bool:
    """Tell whether a value is a function with a `jax.custom_vjp`, without loading JAX."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.custom_vjp)


def make_jax(function: Any, inputs: Mapping[str, Any], place: int = 0) -> Target:
    """Return the target of a function with a `custom_vjp`; its inputs come in the order of its arguments.

    Y is the output at this place among those of floating point; each of the others is a variant.
    """
    return Rule(function, inputs, place).target()


class Rule:
    """A function and its rule, called with arrays by name."""

    def __init__(self, function: Any, inputs: Mapping[str, Any], place: int) -> None:
        self.function, self.inputs, self.place = function, inputs, place
        self.title = getattr(function, "__name__", "function")
        self.source = find_source(function.fun)
        self.taught = [n for k, n in enumerate(inputs) if k not in function.nondiff_argnums]

    def target(self) -> Target:
        """Return the target."""
        return Target(
            self.title,
            self.forward,
            self.backward,
            source=self.source,
            extras=Extras(
                autograd=lambda dY, **given: self.differentiate(self.function.fun, dY, given),
                probe=self.probe,
                variants=lambda given: iter(()) if self.place else self.vary(given),
            ),
        )

    def forward(self, **given: Any) -> Array:
        """Return Y, and note what runs where a tape records."""
        import jax

        given = restore(given, self.inputs)
        arrays, tape = self.floats(given), current_tape()
        with jax.enable_x64(True):
            if tape is None or self.source is None:
                return np.array(self.output(self.function.fun, given)(*arrays.values()))
            path, values = str(self.source.path), list(arrays.values())
            return np.array(run_noted(tape, self.output(self.function.fun, given), values, path)[0])

    def backward(self, dY: Array, **given: Any) -> Arrays:
        """Return the gradients that JAX makes of the rule; as the rule returns them, where JAX refuses those."""
        try:
            found = self.differentiate(self.function, dY, given)
        except (TypeError, ValueError):
            returned = self.returned(dY, given)
            if returned is None:
                raise
            named = zip(self.taught, returned, strict=False)
            found = {n: np.array(d) for n, d in named if d is not None and n in self.floats(given)}
        idle = [n for n, d in found.items() if n.lower() in CONSTANTS and not np.any(d)]
        return {n: d for n, d in found.items() if n not in idle}

    def floats(self, given: Mapping[str, Any]) -> Arrays:
        """Return the arrays of floating point, bare."""
        arrays = {n: np.asarray(given[n]) for n in list_arrays(given) if n in self.taught}
        return {n: a for n, a in arrays.items() if a.dtype.kind in "fc"}

    def output(self, function: Any, given: Mapping[str, Any]) -> Any:
        """Return Y as a function of the arrays of floating point alone."""
        import jax

        names = list(self.floats(given))

        def call(*arrays: Any) -> Any:
            leaves = jax.tree_util.tree_leaves(function(*{**given, **dict(zip(names, arrays, strict=True))}.values()))
            return [Y for Y in leaves if np.dtype(Y.dtype).kind in "fc"][self.place]

        return call

    def differentiate(self, function: Any, dY: Array, given: Mapping[str, Any]) -> Arrays:
        """Return the gradients that JAX makes of a function."""
        import jax

        arrays = self.floats(given)
        with jax.enable_x64(True):
            Y, pull = jax.vjp(self.output(function, given), *arrays.values())
            found = pull(jax.numpy.asarray(dY, Y.dtype))
        return {n: np.array(d) for n, d in zip(arrays, found, strict=True)}

    def returned(self, dY: Array, given: Mapping[str, Any]) -> tuple[Any, ...] | None:
        """Return what the rule's second function itself returns; None where Y is one of several outputs."""
        import jax

        constants = [value for k, value in enumerate(given.values()) if k in self.function.nondiff_argnums]
        with jax.enable_x64(True):
            given = {n: jax.numpy.asarray(v) if isinstance(v, np.ndarray) else v for n, v in given.items()}
            Y, cache = self.function.fwd(*given.values())
            if not hasattr(Y, "dtype"):
                return None
            returned = self.function.bwd(*constants, cache, jax.numpy.asarray(dY, Y.dtype))
        return tuple(returned) if isinstance(returned, tuple | list) else (returned,)

    def vary(self, given: Arrays) -> Iterator[Variant]:
        """Yield the targets of the other outputs."""
        import jax

        with jax.enable_x64(True):
            outputs = jax.tree_util.tree_leaves(self.function.fun(*given.values()))
        floats = [k for k, Y in enumerate(outputs) if np.dtype(Y.dtype).kind == "f"]
        for place, k in enumerate(floats[1:], start=1):
            yield f"from output {k + 1} of {len(outputs)}", make_jax(self.function, given, place), dict(given)

    def probe(self, dY: Array, given: Arrays) -> Iterator[Row | str]:
        """Yield what is wrong with the rule besides its numbers."""
        rows = list(until_failure(self.probe_rule(dY, given)))
        yield from rows or until_failure(chain(self.probe_jit(dY, given), self.probe_second(dY, given)))

    def probe_rule(self, dY: Array, given: Arrays) -> Iterator[Row]:
        """Yield what is wrong with what the rule returns."""
        import jax

        with jax.enable_x64(True):
            once, again = self.output(self.function.fun, given), self.output(lambda *a: self.function.fwd(*a)[0], given)
            Y, Y_of_rule = (np.asarray(run(*self.floats(given).values())) for run in (once, again))
        if Y.shape != Y_of_rule.shape or not np.allclose(Y, Y_of_rule, rtol=1e-9):
            cause = f"The rule's own forward returns another Y than {self.title} does: jax.grad sees another function."
            repair = f"Let it return {self.title}(…) and what the backward needs."
            yield Row("Y", WRONG, "Y is two things", explanation=Explanation("other forward", cause, repair))
        returned = self.returned(dY, given)
        if returned is None:
            return
        if len(returned) != len(self.taught):
            counted = "one gradient" if len(returned) == 1 else f"{len(returned)} gradients"
            inputs = f"{len(self.taught)} input{'s' * (len(self.taught) > 1)} ({', '.join(self.taught)})"
            cause, repair = (
                f"the rule returns {counted} for {inputs}.",
                "Return a tuple with one for each, in their order.",
            )
            for name in [n for n in self.taught[len(returned) :] if n in self.floats(given)] or ["dY"]:
                said = "the backward is refused by JAX" if name == "dY" else f"d{name} is missing"
                yield Row(name, WRONG, said, explanation=Explanation("missing", cause, repair))
        right = self.differentiate(self.function.fun, dY, given)
        for name, gradient in zip(self.taught, returned, strict=False):
            if gradient is None and name in right and np.any(right[name]) and name.lower() not in CONSTANTS:
                cause, repair = (
                    f"the rule returns None for {name}, but Y depends on it.",
                    f"Compute and return d{name}.",
                )
                yield Row(name, WRONG, f"d{name} is missing", explanation=Explanation("missing", cause, repair))

    def probe_jit(self, dY: Array, given: Arrays) -> Iterator[str]:
        """Yield a note where the rule fails under jax.jit."""
        import jax

        def pull(dY: Any, *arrays: Any) -> Any:
            return jax.vjp(self.output(self.function, given), *arrays)[1](dY)

        with jax.enable_x64(True):
            found = call_theirs(lambda: jax.jit(pull)(dY, *self.floats(given).values()))
        if isinstance(found, Failure):
            yield f"it fails under jax.jit ({found.kind}): compute with jax.numpy, and branch with jnp.where"

    def probe_second(self, dY: Array, given: Arrays) -> Iterator[str]:
        """Yield what is wrong with the second derivative, if anything is."""
        arrays = self.floats(given)
        moves = {n: generator(2).normal(size=a.shape) for n, a in arrays.items()}

        def along(t: float) -> float:
            found = self.differentiate(self.function, dY, {**given, **{n: a + t * moves[n] for n, a in arrays.items()}})
            return float(sum(np.sum(d * moves[n]) for n, d in found.items()))

        true = extrapolated_slope(along, STEP, abs(along(0.0)) * float(np.finfo(np.float64).eps))
        found = call_theirs(lambda: self.second_slope(dY, given, list(moves.values())))
        if isinstance(found, Failure):
            yield f"the second derivative fails ({found.kind}): compute with jax.numpy in the rule"
            return
        if not abs(found - true.value) <= SAFETY * true.error + 1e-6 * abs(true.value):
            yield (
                "the second derivative is wrong: something in the rule is a constant to JAX; take "
                "stop_gradient out of it, and write it in differentiable operations"
            )

    def second_slope(self, dY: Array, given: Arrays, moves: list[Array]) -> float:
        """Return the slope of the gradients along some directions, by JAX."""
        import jax

        def slope(*arrays: Any) -> Any:
            found = jax.vjp(self.output(self.function, given), *arrays)[1](jax.numpy.asarray(dY))
            return sum(jax.numpy.sum(d * move) for d, move in zip(found, moves, strict=True))

        with jax.enable_x64(True):
            arrays = [jax.numpy.asarray(a) for a in self.floats(given).values()]
            twice = jax.grad(slope, argnums=tuple(range(len(arrays))))(*arrays)
            return float(sum(jax.numpy.sum(d * move) for d, move in zip(twice, moves, strict=True)))


class CustomVjpKind(Kind):
    """A function with a `jax.custom_vjp`."""

    rank = 10
    is_function = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a function."""
        return is_custom_vjp(thing)

    def list_helpers(self, value: Any) -> Sequence[Any]:
        """Return the functions that it is made of."""
        return (value.fun, value.fwd, value.bwd) if is_custom_vjp(value) else ()

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the function without its rule."""
        function: Callable[..., Any] = thing.fun
        return function

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the function; raise UserError where it has no rule."""
        target = make_jax(thing, inputs)
        name = name or target.name
        if thing.fwd is None:
            raise UserError(f"{name}: it has no rule yet; give it one with {name}.defvjp(forward, backward)")
        return replace(target, name=name), inputs


KINDS = (CustomVjpKind(),)
