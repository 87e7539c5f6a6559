"""PyTorch's operations, noted on the current tape by a TorchFunctionMode."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chainrule.check.diagnosis.tape import current_tape


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

    def copy(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value.detach().clone()
        return type(value)(map(copy, value)) if type(value) in (tuple, list) else value

    class Noting(TorchFunctionMode):
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            options, tape = kwargs or {}, current_tape()
            result = function(*args, **options)
            if tape is None or not _is_new(result, args):
                return result
            return tape.note(_name(function), lambda *a: function(*a, **options), args, copy)

    def _is_new(result: Any, args: Any) -> bool:
        """Whether the result is a tensor of numbers with memory of its own, not a view and not changed in place."""
        if not isinstance(result, torch.Tensor) or not (result.is_floating_point() or result.is_complex()):
            return False
        tensors = [a for a in args if isinstance(a, torch.Tensor)]
        return bool(tensors) and all(
            a.untyped_storage().data_ptr() != result.untyped_storage().data_ptr() for a in tensors
        )

    return Noting()


def _name(function: Any) -> str:
    return getattr(function, "__name__", str(function)).strip("_")
