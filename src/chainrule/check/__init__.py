"""Anybody's backward held to the truth, in one sentence.

    verdict = check.check_layer(layer, X)                                # .ok .text .rows
    verdict = check.check_backward(forward, backward, {"X": X, "W": W})
    verdict = check.check_function(function, x, weight)                  # torch.autograd.Function, custom_vjp
    check.assert_backward(forward, backward, {"X": X, "W": W})           # in a test: the failure says what is wrong
    check.assert_layer(layer, X); check.assert_function(function, x)

A pair is forward(X, W) -> Y and backward(dY, X, W) -> {"X": dX, "W": dW}. The truth is found in float64, by complex
steps or central differences of the forward, at a random cotangent and several points. Whatever a person wrote becomes a
target (`targets`: one kind of thing in each file), `checker.py` compares its gradients with the truth (`trial`), and
what is wrong is explained (`diagnosis`) by running the forward again with operations changed (`replay`). `answers` and
`page` tell more where more is asked for, `pytest_plugin.py` makes tests under `pytest --chainrule`,
 `files` checks a person's file in a process of its own, and `model` holds what
all of them speak of.

Imports: derive, display, errors, layers, pages, shipped.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.check.api import (
        assert_backward,
        assert_function,
        assert_layer,
        check_backward,
        check_function,
        check_layer,
    )
    from chainrule.check.model.problem import Problem, SourceFile
    from chainrule.check.model.verdict import Row, Verdict

__all__ = [
    "Problem",
    "Row",
    "SourceFile",
    "Verdict",
    "assert_backward",
    "assert_function",
    "assert_layer",
    "check_backward",
    "check_function",
    "check_layer",
]
_HOMES = {"Problem": "model.problem", "SourceFile": "model.problem", "Row": "model.verdict", "Verdict": "model.verdict"}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: the command line needs no NumPy to start a check."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'api')}"), name)
    value.__module__ = __name__
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
