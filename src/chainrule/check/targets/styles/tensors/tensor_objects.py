"""Classes of layers that compute with PyTorch's tensors, without its autograd: they are called with arrays.

While a method runs, the arrays within the object are tensors of the same memory; outside they are arrays, so that
parameters and gradients are found wherever a class of NumPy's may keep them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from chainrule.check.model.directions import BACKWARD_METHODS, choose_method
from chainrule.check.targets.pytorch.call import is_function, is_module_class
from chainrule.check.targets.styles.tensors.kept_gradients import KeptGradientsKind
from chainrule.check.targets.styles.tensors.plain_functions import (
    close,
    is_of_tensors,
    open_up,
    wrap_function,
)

KEPT = KeptGradientsKind()
WITHIN = "_holds_tensors_"


def take_arrays_too(kind: Any) -> Any:
    """Return a class of layers of tensors as one that takes, keeps and returns arrays; any other value as it is."""
    if not inspect.isclass(kind) or is_module_class(kind) or is_function(kind) or KEPT.find("", kind, None):  # type: ignore[arg-type]
        return kind
    held = {name: v for each in reversed(kind.__mro__[:-1]) for name, v in vars(each).items()}
    own = {name: v for name, v in held.items() if inspect.isfunction(v)}
    static = {name: v.__func__ for name, v in held.items() if isinstance(v, staticmethod)}
    functions: list[Callable[..., Any]] = [*own.values(), *static.values()]
    if not choose_method(BACKWARD_METHODS, {**own, **static}) or not all(map(is_of_tensors, functions)):
        return kind
    methods = {name: _wrap(method) for name, method in own.items() if name != "__new__"}
    made = type(kind.__name__, (kind,), methods | {name: staticmethod(wrap_function(f)) for name, f in static.items()})
    made.__module__, made.__qualname__, made.__doc__ = kind.__module__, kind.__qualname__, kind.__doc__
    return made


def _wrap(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: Any, *arguments: Any, **named: Any) -> Any:
        if self.__dict__.get(WITHIN):
            return method(self, *arguments, **named)
        given = [*arguments, *named.values()]
        dtype = next((a.dtype for a in given if getattr(a, "dtype", None) in (np.float32, np.float64)), np.float64)
        with _as_tensors(self, lambda value: _open(value, dtype)):
            result = method(self, *_change(arguments, _close, {}), **_change(named, _close, {}))
        return _change(result, lambda value: _open(value, dtype), {})

    return call


def _close(value: Any) -> Any:
    """Return an array as a tensor of its memory, of float64 where it is of floats."""
    tensor = close(value)
    return tensor.double() if isinstance(value, np.ndarray) and value.dtype.kind == "f" else tensor


def _open(value: Any, dtype: Any) -> Any:
    """Return a tensor as an array, of a dtype where it is of floats."""
    array = open_up(value)
    return array.astype(dtype, copy=False) if getattr(array, "dtype", np.dtype(int)).kind == "f" else array


@contextmanager
def _as_tensors(thing: Any, open_it: Callable[[Any], Any]) -> Iterator[None]:
    """Let an object hold tensors in place of arrays, and new tensors be of float64."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    held = dict[int, tuple[Any, Any]]()

    def close_and_note(array: Any) -> Any:
        tensor = _close(array)
        held[id(tensor)] = tensor, array
        return tensor

    def open_again(tensor: Any) -> Any:
        """Return the array that a tensor came from, with what has become of it."""
        _, array = held.get(id(tensor), (None, None))
        if array is None:
            return open_it(tensor)
        array[...] = open_up(tensor)
        return array

    _change(thing, close_and_note, {})
    thing.__dict__[WITHIN] = True
    try:
        yield
    finally:
        torch.set_default_dtype(before)
        thing.__dict__.pop(WITHIN, None)
        _change(thing, open_again, {})


def _change(value: Any, change: Callable[[Any], Any], seen: dict[int, tuple[Any, Any]]) -> Any:
    """Return a value with its tensors or arrays changed; objects, lists and dictionaries are changed in place."""
    if id(value) in seen:
        return seen[id(value)][1]
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(_change(member, change, seen) for member in value)
    if isinstance(value, np.ndarray) or hasattr(value, "detach"):
        seen[id(value)] = value, change(value)
        return seen[id(value)][1]
    seen[id(value)] = value, value
    held: Any = value if isinstance(value, list | dict) else getattr(value, "__dict__", None)
    if (
        held is not None
        and not isinstance(value, type)
        and not inspect.isroutine(value)
        and not inspect.ismodule(value)
    ):
        for key, member in list(held.items() if isinstance(held, Mapping) else enumerate(held)):
            held[key] = _change(member, change, seen)
    return value
