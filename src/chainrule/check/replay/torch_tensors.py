"""PyTorch's operations, noted on the current tape by a TorchFunctionMode, as NumPy's would be: by the same names, with
arrays for tensors, so that one diagnosis serves both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from chainrule.check.replay.numpy_arrays import copy_arrays
from chainrule.check.replay.tape import current_tape

NAMES = {
    "mul": "multiply", "rmul": "multiply", "sub": "subtract", "div": "divide", "true_divide": "divide",
    "truediv": "divide", "pow": "power", "neg": "negative", "mm": "matmul", "abs": "absolute", "radd": "add",
}  # fmt: skip
TURNED = {"rsub": "subtract", "rdiv": "divide", "rtruediv": "divide", "rpow": "power", "rmatmul": "matmul"}


@contextmanager
def noting_torch() -> Iterator[None]:
    """Note what PyTorch computes within, where PyTorch is loaded at all."""
    if "torch" not in sys.modules:
        yield
        return
    with _make_mode():
        yield


def _make_mode() -> Any:
    import torch
    from torch.overrides import TorchFunctionMode

    class Noting(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            options, tape = kwargs or {}, current_tape()
            result = function(*args, **options)
            if tape is None or not _is_new(result, args):
                return result
            name, call, arguments = _as_numpy(function, args, options)
            return _to_tensors(tape.note(name, call, arguments, copy_arrays))

    def _is_new(result: Any, args: Any) -> bool:
        """Whether the result is a tensor of numbers with memory of its own, not a view and not changed in place."""
        if not isinstance(result, torch.Tensor) or not (result.is_floating_point() or result.is_complex()):
            return False
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        return bool(tensors) and all(
            a.untyped_storage().data_ptr() != result.untyped_storage().data_ptr() for a in tensors
        )

    return Noting()


def _as_numpy(function: Any, args: Any, options: Any) -> tuple[str, Callable[..., Any], tuple[Any, ...]]:
    """Return the operation's name, itself as a function of arrays, and its arguments, as NumPy would have them."""

    def call(*arguments: Any) -> Any:
        return _to_arrays(function(*_to_tensors(arguments), **options))

    name, arguments = getattr(function, "__name__", str(function)).strip("_"), _to_arrays(tuple(args))
    if name in TURNED:
        return TURNED[name], lambda a, b: call(b, a), arguments[::-1]
    return NAMES.get(name, name), call, arguments


def _to_arrays(value: Any) -> Any:
    if type(value) in (tuple, list):
        return type(value)(map(_to_arrays, value))
    return value.detach().numpy() if hasattr(value, "detach") else value


def _to_tensors(value: Any) -> Any:
    import torch

    if type(value) in (tuple, list):
        return type(value)(map(_to_tensors, value))
    return torch.as_tensor(np.asarray(value)) if isinstance(value, np.ndarray | np.generic) else value
