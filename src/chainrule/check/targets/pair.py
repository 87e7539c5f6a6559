"""A pair of plain functions as a target."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.check.model.problem import Array, Arrays, SourceFile
from chainrule.check.model.target import Target
from chainrule.check.targets.modes import vary_settings
from chainrule.errors import UserError


def make_pair(forward: Callable[..., Any], backward: Callable[..., Any], names: Sequence[str]) -> Target:
    """Return the target of forward(X, W, …) -> Y and backward(dY, X, W, …) -> {"X": dX, "W": dW}.

    The functions get the inputs in this order. A forward may return a tuple, of which Y is the first. The gradients may
    also come as a tuple in the order of the inputs, or alone where there is one input.
    """

    def run_forward(**inputs: Array) -> Array:
        Y = forward(*(inputs[name] for name in names))
        return Y[0] if isinstance(Y, tuple) else Y

    def run_backward(dY: Array, **inputs: Array) -> Mapping[str, Array]:
        return name_gradients(backward(dY, *(inputs[name] for name in names)), names)

    name = getattr(backward, "__name__", "backward")
    target = Target(name, run_forward, run_backward, source=find_source(forward))
    return replace(target, variants=lambda given: vary_settings(target, given, run_forward))


def name_gradients(found: Any, names: Sequence[str], floats: Sequence[str] = ()) -> Arrays:
    """Return gradients by name, from a mapping, a tuple in the order of the names, or the first one alone.

    Of as many as there are `floats`, inputs of floating point, each is one of these: labels and places have none.
    """
    if isinstance(found, Mapping):
        return dict(found)
    if not isinstance(found, tuple | list):
        found = (found,)
    if len(found) > len(names):
        raise UserError(f"backward returns {len(found)} gradients for {len(names)} inputs ({', '.join(names)})")
    owners = floats if len(found) == len(floats) < len(names) else names
    return {name: gradient for name, gradient in zip(owners, found, strict=False) if gradient is not None}


def find_source(function: Any) -> SourceFile | None:
    """Return the file in which a function or class is written, None where there is none."""
    try:
        path = inspect.getsourcefile(function)
        return SourceFile(Path(path), Path(path).read_text(encoding="utf-8")) if path else None
    except (OSError, TypeError, UnicodeDecodeError):
        return None
