"""The slope of a forward with one operation changed, without running it again: a sum over that operation's result.

What is changed at an operation reaches the output through its result alone, and in proportion to it. So the slope is
what goes past the operation, plus the result's own tangent times its cotangent; both are found once, and any number of
changes are tried at the cost of a product. It decides what is worth a replay, never what is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.check.diagnosis.replays import Replays
from chainrule.check.model.problem import Array
from chainrule.check.replay.arrays import to_numpy
from chainrule.check.replay.changes import freeze
from chainrule.check.replay.numpy_arrays import copy_arrays
from chainrule.check.replay.tape import Change, Changes, Execution, Site

MOST_ENTRIES = 100  # of a result whose cotangent is found entry by entry
FEW = 6  # changes of an operation that are replayed before


class Tangents:
    """What is known at a case, along one direction, of each operation that runs once."""

    def __init__(self, replays: Replays, V: Array, base: Changes) -> None:
        self._replays, self._V, self._base = replays, V, base
        self._asked: Counter[Site] = Counter()
        self._known: dict[Site, tuple[Array, float] | None] = {}
        self._count = Counter(execution.site for execution in replays.executions)
        self._executions = {execution.site: execution for execution in replays.executions}

    def estimate(self, site: Site, change: Change) -> float | None:
        """Return the slope with an operation changed; None where it has to be replayed."""
        self._asked[site] += 1
        if self._asked[site] <= FEW or self._count[site] != 1 or site in self._base:
            return None
        if site not in self._known:
            self._known[site] = self._find(site)
        known = self._known[site]
        execution = self._executions[site]
        if known is None or not _keeps_value(execution, change):
            return None
        cotangent, past = known
        return past + float(np.sum(cotangent * self._tangent(execution, change)))

    def estimate_all(self, site: Site, make: Callable[[Any], Change], factors: Array) -> Array | None:
        """Return the slopes with an operation changed by each of several factors, entry by entry; None as above."""
        if self._count[site] != 1 or site in self._base:
            return None
        if site not in self._known:
            self._known[site] = self._find(site)
        known, execution = self._known[site], self._executions[site]
        if known is None:
            return None
        cotangent, past = known
        without = self._tangent(execution, make(0.0))
        with_one = self._tangent(execution, make(1.0)) - without
        return np.asarray(
            past + np.sum(cotangent * without) + factors.reshape(len(factors), -1) @ (cotangent * with_one).ravel()
        )

    def _find(self, site: Site) -> tuple[Array, float] | None:
        """Return the cotangent of an operation's result, and the slope that goes past it."""
        result = to_numpy(self._executions[site].result)
        if result.size > MOST_ENTRIES or result.dtype.kind not in "fc":
            return None
        return self.find_cotangent(site), float(np.sum(self._replays.respond(self._V, {**self._base, site: freeze})))

    def find_cotangent(self, site: Site) -> Array:
        """Return what arrives at the result of an operation, entry by entry."""
        shape = to_numpy(self._executions[site].result).shape
        cotangent, E = np.empty(shape), np.zeros(shape)
        for entry in np.ndindex(shape):
            E[entry] = 1
            cotangent[entry] = np.sum(self._replays.respond_at(site, E, self._base))
            E[entry] = 0
        return cotangent

    @cached_property
    def _moved(self) -> dict[float, dict[Site, tuple[tuple[Any, ...], Any]]]:
        """Return the arguments and the result of each operation at the inputs moved along V, by the step's sign."""
        moved: dict[float, dict[Site, tuple[tuple[Any, ...], Any]]] = {1.0: {}, -1.0: {}}

        def note(sign: list[float]) -> Change:
            def keep(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
                moved[sign[0]][execution.site] = copy_arrays(arguments), copy_arrays(result)
                base = self._base.get(execution.site)
                return base(execution, arguments, result) if base else result

            return keep

        sign = [1.0]

        def turn() -> None:
            sign[0] = -1.0

        self._replays.respond(self._V, dict.fromkeys(self._count, note(sign)), between=turn)
        return moved

    def _tangent(self, execution: Execution, change: Change) -> Array:
        step = self._replays.method.step
        there = {
            sign: to_numpy(change(execution, *known[execution.site]))
            for sign, known in self._moved.items()
            if execution.site in known
        }
        if self._replays.method.is_complex:
            return np.asarray(np.imag(there[1.0]) / step)
        return np.asarray((there[1.0] - there[-1.0]) / (2 * step))


def _keeps_value(execution: Execution, change: Change) -> bool:
    same = to_numpy(change(execution, execution.arguments, execution.result))
    return np.array_equal(same, to_numpy(execution.result))
