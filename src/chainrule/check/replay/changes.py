"""What can be done to an operation when a forward runs again: each changes its derivative, not its value.

All work on differences from the recorded point, so they serve complex steps and central differences alike.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from chainrule.check.replay.tape import Change, Execution


def freeze(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
    """Return the recorded result: the operation is a constant."""
    return execution.result


def scale(factor: Any) -> Change:
    """Return the change that multiplies the operation's derivative by a factor."""
    return lambda execution, _, result: execution.result + factor * (result - execution.result)


def scale_argument(k: int, factor: Any) -> Change:
    """Return the change that multiplies the operation's derivative in its k-th argument by a factor."""

    def change(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        moved = list(execution.arguments)
        moved[k] = arguments[k]
        return result + (factor - 1) * (execution.call(*moved) - execution.result)

    return change


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


def repeat(k: int) -> Change:
    """Return the change that takes the operation's derivative in its k-th argument twice."""

    def change(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        at = list(execution.arguments)
        at[k] = at[k] + (result - execution.result)
        return execution.result + (execution.call(*at) - execution.call(*execution.arguments))

    return change


def slope(derivative: Any, k: int = 0) -> Change:
    """Return the change that gives the operation this derivative in its k-th argument."""

    def change(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        return execution.result + derivative * (arguments[k] - execution.arguments[k])

    return change


def turn(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
    """Return the result of a `where` whose derivative is that of the other branch."""
    (condition, a, b), (_, a_now, b_now) = execution.arguments, arguments
    return execution.result + np.where(condition, b_now - b, a_now - a)


def keep_apart(factor: float) -> Change:
    """Return the change that lets each entry of a sum reach only what stands at its own place, times a factor."""

    def change(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        return execution.result + factor * (arguments[0] - execution.arguments[0])

    return change


def reach_all(factor: float) -> Change:
    """Return the change that lets all entries move a maximum, or a minimum, times a factor."""

    def change(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
        step, old = arguments[0] - execution.arguments[0], np.asarray(execution.result)
        return old + factor * step.sum(axis=find_axes(execution)).reshape(old.shape)

    return change


def find_axes(execution: Execution) -> tuple[int, ...]:
    """Return the axes over which a maximum, or a minimum, was taken."""
    X, extreme = execution.arguments[0], np.asarray(execution.result)
    for count in range(1, X.ndim + 1):
        for axes in combinations(range(X.ndim), count):
            largest, smallest = X.max(axis=axes), X.min(axis=axes)
            if largest.size == extreme.size and any(
                np.array_equal(each.ravel(), extreme.ravel()) for each in (largest, smallest)
            ):
                return axes
    raise ValueError("no axes give this result")


def pretend(value: Callable[..., Any]) -> Change:
    """Return the change that gives the operation another value, with its derivative kept."""
    return lambda execution, _, result: value(*execution.arguments) + (result - execution.result)


def replace(value: Callable[..., Any]) -> Change:
    """Return the change that puts another operation in the place of this one."""
    return lambda execution, arguments, result: value(*arguments)


def add_up(execution: Execution, arguments: tuple[Any, ...], result: Any) -> Any:
    """Return the result as it would be if each sample's relative change were that of all samples together."""
    relative = (result - execution.result) / execution.result
    return execution.result + execution.result * np.sum(relative, axis=0, keepdims=True)
