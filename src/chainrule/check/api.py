"""The checks that Python code calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.check.answers import Asked, add_answers
from chainrule.check.checker import check_target
from chainrule.check.instance import list_parameters, make_instance, make_loss_instance
from chainrule.check.module import make_layer, make_loss
from chainrule.check.pair import make_pair
from chainrule.check.problem import Array
from chainrule.check.stages import Stages
from chainrule.check.verdict import Verdict
from chainrule.errors import UserError
from chainrule.layers import Layer, Loss


def check_layer(layer: Any, X: Array, targets: Array | None = None, *, seed: int = 0) -> Verdict:
    """Return the verdict on dX and the gradient of every parameter of a layer, a net, or a loss with its targets.

    `layer` is chainrule's own or any object in the practical's style: forward(x) -> y and backward(dout) -> dx, with
    parameters and gradients in the dictionaries `params` and `grads` or in attributes (W and dW); a loss has
    forward(x, y) and backward(x, y). X has the shape that it takes; the object itself is not changed. It is checked in
    its present mode (training or evaluation). Raises UserError where the forward does not run on X.
    """
    if not callable(getattr(layer, "forward", None)) or not callable(getattr(layer, "backward", None)):
        raise UserError(f"{layer!r} has no forward and backward; check_backward takes any pair of functions")
    if isinstance(layer, Loss):
        if targets is None:
            raise UserError(f"{layer!r}: a loss is checked with its targets: check_layer(loss, X, targets)")
        return check_target(make_loss(layer), {"X": _array(X), "targets": np.asarray(targets)}, seed)
    if isinstance(layer, Layer):
        return check_target(make_layer(layer), {"X": _array(X), **layer.params}, seed)
    return _check_object(layer, X, targets, seed)


def _check_object(layer: Any, X: Array, targets: Array | None, seed: int) -> Verdict:
    name, names = type(layer).__name__, list(inspect.signature(layer.forward).parameters)
    if targets is not None:
        if len(names) < 2:
            raise UserError(f"{name}: forward takes no targets, but targets were given")
        inputs = {names[0]: _array(X), names[1]: np.asarray(targets)}
        return check_target(make_loss_instance(layer, inputs, name), inputs, seed)
    inputs = {names[0]: _array(X)}
    return check_target(make_instance(layer, inputs, name), inputs | list_parameters(layer, inputs[names[0]]), seed)


def check_backward(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Mapping[str, Any],
    *,
    seed: int = 0,
    stages: Stages = (),
    equations: str = "",
) -> Verdict:
    """Return the verdict on backward(dY, X, W, …) -> {"X": dX, "W": dW, …} for forward(X, W, …) -> Y.

    `inputs` are the arrays by name, in the order in which both functions take them; every one whose gradient backward
    returns is checked. `stages` are intermediate gradients to be compared as well: local names of backward such as
    "dxhat" for what the forward calls xhat, or stages(dY, X, W, …) -> {"dxhat": array}. `equations` are the forward's,
    in the grammar of `derive`: with them, what is wrong is told in symbols too. Raises UserError where the forward does
    not run on the inputs, where a stage is not there, or where the equations are not those of the forward.
    """
    target = make_pair(forward, backward, tuple(inputs))
    verdict = check_target(target, dict(inputs), seed)
    return add_answers(verdict, target, dict(inputs), Asked(stages, (equations,) if equations else ()))


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
