"""The checks that Python code calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.check.checker import check_target
from chainrule.check.module import make_layer, make_loss
from chainrule.check.pair import make_pair
from chainrule.check.problem import Array
from chainrule.check.verdict import Verdict
from chainrule.errors import UserError
from chainrule.layers import Layer, Loss


def check_layer(layer: Layer | Loss, X: Array, targets: Array | None = None, *, seed: int = 0) -> Verdict:
    """Return the verdict on dX and the gradient of every parameter of a layer, a net, or a loss with its targets.

    X has the shape that the layer takes; the layer itself is not changed. It is checked in its present mode (training
    or evaluation). Raises UserError where the forward does not run on X.
    """
    if isinstance(layer, Loss):
        if targets is None:
            raise UserError(f"{layer!r}: a loss is checked with its targets: check_layer(loss, X, targets)")
        return check_target(make_loss(layer), {"X": _array(X), "targets": np.asarray(targets)}, seed)
    if not isinstance(layer, Layer):
        raise UserError(f"{layer!r} is no layer of chainrule; check_backward takes any pair of functions")
    return check_target(make_layer(layer), {"X": _array(X), **layer.params}, seed)


def check_backward(
    forward: Callable[..., Any], backward: Callable[..., Any], inputs: Mapping[str, Any], *, seed: int = 0
) -> Verdict:
    """Return the verdict on backward(dY, X, W, …) -> {"X": dX, "W": dW, …} for forward(X, W, …) -> Y.

    `inputs` are the arrays by name, in the order in which both functions take them; every one whose gradient backward
    returns is checked. Raises UserError where the forward does not run on them.
    """
    return check_target(make_pair(forward, backward, tuple(inputs)), dict(inputs), seed)


def assert_backward(
    forward: Callable[..., Any], backward: Callable[..., Any], inputs: Mapping[str, Any], *, seed: int = 0
) -> None:
    """Fail with the diagnosis (AssertionError) unless `check_backward` finds the backward right."""
    __tracebackhide__ = True
    verdict = check_backward(forward, backward, inputs, seed=seed)
    if not verdict.ok:
        raise AssertionError(verdict.text)


def _array(X: Any) -> Array:
    return X if isinstance(X, np.ndarray) else np.asarray(X, np.float64)
