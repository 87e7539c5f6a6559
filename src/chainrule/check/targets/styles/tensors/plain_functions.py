"""Plain functions of tensors, `def relu_backward(dout, cache): ...` in PyTorch's operations, called with arrays."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.check.targets.styles.tensors.kept_gradients import find_attribute


def take_arrays(named: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a file, with those functions that compute with PyTorch alone taking and returning arrays."""
    return {n: wrap_function(v) if inspect.isfunction(v) and is_of_tensors(v) else v for n, v in named.items()}


def is_of_tensors(function: Callable[..., Any]) -> bool:
    """Tell whether a function names no NumPy; one that leaves gradients in tensors is called with tensors."""
    own = function.__globals__
    arrays = [name for name in function.__code__.co_names if own.get(name) is np]
    return not arrays and not find_attribute(function) and not _is_script_of_autograd(function)


def _is_script_of_autograd(function: Callable[..., Any]) -> bool:
    return bool({"autograd", "custom_vjp", "requires_grad_", "apply"} & set(function.__code__.co_names))


def wrap_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of tensors as one that takes and returns arrays."""

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        if not _has_arrays((arguments, named)):
            return function(*arguments, **named)
        return open_up(function(*close(arguments), **close(named)))

    return call


def _has_arrays(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_arrays, value.values()))
    if isinstance(value, tuple | list):
        return any(map(_has_arrays, value))
    return isinstance(value, np.ndarray)


def close(value: Any) -> Any:
    """Return a value with tensors for arrays, however deep they lie."""
    import torch

    if isinstance(value, np.ndarray | np.generic):
        return torch.as_tensor(np.asarray(value))
    return _within(value, close)


def open_up(value: Any) -> Any:
    """Return a value with arrays for tensors, however deep they lie."""
    if hasattr(value, "detach"):
        return value.detach().resolve_conj().numpy()
    return _within(value, open_up)


def _within(value: Any, change: Callable[[Any], Any]) -> Any:
    if type(value) is dict:
        return {key: change(member) for key, member in value.items()}
    return type(value)(map(change, value)) if type(value) in (tuple, list) else value
