"""An array whose operations are noted on the current tape, by NumPy's own protocols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.replay.tape import current_tape

METHODS = (
    "sum", "mean", "var", "std", "max", "min", "prod", "cumsum", "dot", "clip", "argmax", "argmin", "repeat", "take",
)  # fmt: skip


class Recorded(np.ndarray):
    """An array like any other; what is computed from it is recorded too."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        """Run a ufunc, or one of its methods, on plain arrays."""
        function = ANALYTIC.get(ufunc.__name__, ufunc) if method == "__call__" else getattr(ufunc, method)
        options = {name: _plain(value) for name, value in options.items()}
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        result = _note(name, lambda *arguments: function(*arguments, **options), inputs)
        if out is None:
            return _recorded(result)
        for target, value in zip(out, result if isinstance(result, tuple) else (result,), strict=True):
            _plain(target)[...] = value
        return out[0] if len(out) == 1 else out

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        """Run a function of NumPy on plain arrays, as one operation."""
        run = ANALYTIC.get(function.__name__, function)
        if run is not function and set(kwargs) - {"axis", "keepdims", "ddof"}:
            run = function
        options = {name: _plain(value) for name, value in kwargs.items()}
        result = run(*_plain(args), **options)
        if _is_view(result, args):
            return _recorded(result)
        return _recorded(_note(function.__name__, lambda *arguments: run(*arguments, **options), args))


def _method(name: str) -> Callable[..., Any]:
    def method(self: Recorded, *args: Any, **kwargs: Any) -> Any:
        return getattr(np, name)(self, *args, **kwargs)

    return method


for _name in METHODS:
    setattr(Recorded, _name, _method(_name))


def record_arrays(arrays: dict[str, Any]) -> dict[str, Any]:
    """Return the arrays with their operations recorded; what is no array of numbers stays."""
    return {name: _recorded(np.array(a)) if np.asarray(a).dtype.kind in "fc" else a for name, a in arrays.items()}


def _note(name: str, call: Callable[..., Any], inputs: Any) -> Any:
    tape = current_tape()
    arguments = _plain(tuple(inputs))
    return call(*arguments) if tape is None else tape.note(name, call, arguments, copy_arrays)


def _plain(value: Any) -> Any:
    if isinstance(value, Recorded):
        return value.view(np.ndarray)
    return type(value)(map(_plain, value)) if type(value) in (tuple, list) else value


def _recorded(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return type(value)(map(_recorded, value)) if type(value) in (tuple, list) else value
    return np.asarray(value).view(Recorded) if isinstance(value, np.ndarray | np.generic) else value


def copy_arrays(value: Any) -> Any:
    """Return copies of arrays, in tuples and lists too; what is none stays."""
    if type(value) in (tuple, list):
        return type(value)(map(copy_arrays, value))
    return value.copy() if isinstance(value, np.ndarray) else value


def _is_view(result: Any, args: Any) -> bool:
    arrays = [a for a in (args if isinstance(args, tuple) else ()) if isinstance(a, np.ndarray)]
    return isinstance(result, np.ndarray) and any(np.may_share_memory(result, a) for a in arrays)


def _variance(X: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    centred = X - np.mean(X, axis=axis, keepdims=True)
    count = X.size / np.mean(X, axis=axis).size - ddof
    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / count


def _deviation(X: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Any:
    return np.sqrt(_variance(X, axis, ddof, keepdims))


def _absolute(X: Any) -> Any:
    return np.where(np.real(X) < 0, np.negative(X), X)


def _sign(X: Any) -> Any:
    return np.sign(np.real(X))


# NumPy's own take the modulus of complex numbers, which has no complex derivative: a complex step would not pass.
ANALYTIC: dict[str, Callable[..., Any]] = {"var": _variance, "std": _deviation, "absolute": _absolute, "sign": _sign}
