"""The forward of a problem differenced along directions, with operations changed or other inputs in their place."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from chainrule.check.model.budget import Budget, count_entries
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.problem import Array, Arrays, Problem
from chainrule.check.model.target import copies
from chainrule.check.replay.numpy_arrays import record_arrays
from chainrule.check.replay.tape import Changes, Execution, ReplayError, Site, Tape, count_work, on_tape
from chainrule.check.replay.torch_tensors import noting_torch
from chainrule.check.trial.complex_arrays import complex_arrays
from chainrule.check.trial.differences import COMPLEX_STEP

MOST_WORK = 400_000_000  # entries that the operations of all replays at a point may compute


class OutOfBudgetError(ReplayError):
    """All the work is spent that a search may do."""


@dataclass(frozen=True)
class StepMethod:
    """How slopes are taken: the step, and whether through recorded arrays, whose variance a complex step passes."""

    step: float
    recorded: bool

    @property
    def is_complex(self) -> bool:
        """Whether the step is imaginary, so that nothing is lost to rounding."""
        return self.step == COMPLEX_STEP


class Replays:
    """Runs of a problem's forward at its inputs; all of them together stay within a budget."""

    def __init__(self, problem: Problem, method: StepMethod) -> None:
        self.problem, self.method, self.budget = problem, method, Budget(MOST_WORK)

    @cached_property
    def executions(self) -> list[Execution]:
        """The operations of the forward; none where they cannot be seen."""
        tape = Tape()
        return [] if isinstance(call_theirs(lambda: self._run(tape, self.problem.inputs)), Failure) else tape.executions

    def respond(
        self,
        V: Array,
        changes: Changes,
        dY: Array | None = None,
        inputs: Mapping[str, Array] | None = None,
        between: Callable[[], object] = lambda: None,
    ) -> Array:
        """Return the derivative of dY Y, entry by entry of the output, when the input moves along V.

        between() is called between the two runs of a central difference.
        """
        at, name = {**self.problem.inputs, **(inputs or {})}, self.problem.name
        cotangent = self.problem.dY if dY is None else dY
        return self._differ(lambda t: cotangent * self._replay({**at, name: at[name] + t * V}, changes), between)

    def respond_at(self, site: Site, E: Array, changes: Changes) -> Array:
        """Return the same when it is the result of an operation that moves, along E."""

        def value(t: Any) -> Any:
            change = {site: lambda execution, _, result: execution.result + t * E}
            return self.problem.dY * self._replay(dict(self.problem.inputs), {**changes, **change})

        return self._differ(value)

    def _differ(self, value: Callable[[Any], Any], between: Callable[[], object] = lambda: None) -> Array:
        self._spend()
        step = self.method.step
        if self.method.is_complex:
            with complex_arrays():
                return np.asarray(np.imag(value(1j * step)) / step)
        up = value(step)
        between()
        return np.asarray((up - value(-step)) / (2 * step))

    def _spend(self) -> None:
        if self.budget.is_spent:
            raise OutOfBudgetError("the work that a diagnosis may do is spent")
        known = self.executions if "executions" in vars(self) else ()  # not recorded for this alone
        work = count_entries(*self.problem.inputs.values(), self.problem.dY) + count_work(known)
        self.budget.spend(work if self.method.is_complex else 2 * work)

    def _replay(self, inputs: Arrays, changes: Changes) -> Any:
        if not changes:
            with _strict():
                return self.problem.forward(**(record_arrays(inputs) if self.method.recorded else copies(inputs)))
        return np.asarray(self._run(Tape(self.executions, changes), inputs))

    def _run(self, tape: Tape, inputs: Arrays) -> Any:
        with on_tape(tape), noting_torch(), _strict():
            return self.problem.forward(**record_arrays(inputs))


@contextmanager
def _strict() -> Iterator[None]:
    """Make it an error that a complex number loses its imaginary part: the step would be lost with it."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        yield
