"""A forward whose result of one operation is moved: the gradient with respect to what it computes on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.model.problem import Array, Arrays, Forward
from chainrule.check.replay.numpy_arrays import record_arrays
from chainrule.check.replay.tape import Execution, ReplayError, Tape, current_tape, on_tape
from chainrule.check.replay.torch_tensors import noting_torch


class Detour(Tape):
    """Adds an offset to the result of the operation with this number; all are noted on the tape around it, if any."""

    def __init__(self, number: int, operation: str, offset: Any) -> None:
        super().__init__()
        self._number, self._operation, self._offset = number, operation, offset
        self._around, self._passed = current_tape(), 0

    def note(
        self, operation: str, call: Callable[..., Any], arguments: tuple[Any, ...], copy: Callable[[Any], Any]
    ) -> Any:
        """Run `call(*arguments)` on the tape around, and move its result where it is the one."""
        around = self._around
        result = call(*arguments) if around is None else around.note(operation, call, arguments, copy)
        self._passed += 1
        if self._passed - 1 != self._number:
            return result
        if operation != self._operation:
            raise ReplayError("the forward took another way")
        return result + (result.new_tensor(self._offset) if hasattr(result, "new_tensor") else self._offset)


def list_executions(forward: Forward, inputs: Arrays) -> list[Execution]:
    """Return the operations of a forward as they run."""
    with on_tape(Tape()) as tape, noting_torch():
        forward(**record_arrays(inputs))
    return tape.executions


def move_result(forward: Forward, number: int, operation: str, name: str) -> Forward:
    """Return the forward with one more input, `name`, that is added to the result of an operation."""

    def moved(**inputs: Any) -> Array:
        offset = inputs.pop(name)
        plain = np.asarray(offset).view(np.ndarray)  # a recorded array's sum would be noted too
        with on_tape(Detour(number, operation, plain)), noting_torch():
            Y: Array = forward(**record_arrays(inputs))
        return Y

    return moved
