"""What can be done to an operation when a forward runs again: each changes its derivative, not its value.

All work on differences from the recorded point, so they serve complex steps and central differences alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.check.diagnosis.tape import Change, Execution


def freeze(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
    """Return the recorded result: the operation is a constant."""
    return execution.result


def scale(factor: float) -> Change:
    """Return the change that multiplies the operation's derivative by a factor."""
    return lambda execution, _, result: execution.result + factor * (result - execution.result)


def pass_on(k: int) -> Change:
    """Return the change that gives the operation the derivative 1 in its k-th argument."""

    def change(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        step = arguments[k] - execution.arguments[k]
        return execution.result + np.broadcast_to(step, np.shape(execution.result))

    return change


def use(k: int, value: Any) -> Change:
    """Return the change that takes the operation's derivative with `value` as its k-th argument."""

    def change(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        step = arguments[k] - execution.arguments[k]
        at, here = list(arguments), list(execution.arguments)
        at[k], here[k] = value + step, value
        return execution.result + (execution.call(*at) - execution.call(*here))

    return change


def add_up(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
    """Return the result as it would be if each sample's relative change were that of all samples together."""
    relative = (result - execution.result) / execution.result
    return execution.result + execution.result * np.sum(relative, axis=0, keepdims=True)
