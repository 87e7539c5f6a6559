"""The checks that Python code calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.check.answers.asked import Asked, add_answers
from chainrule.check.answers.stages import Stages
from chainrule.check.checker import check_target
from chainrule.check.model.problem import Array
from chainrule.check.model.verdict import Verdict
from chainrule.check.targets.jax_function import is_custom_vjp, make_jax, name_arguments
from chainrule.check.targets.layers import make_layer, make_loss
from chainrule.check.targets.objects import list_parameters, make_instance, make_loss_instance
from chainrule.check.targets.pair import find_source, make_pair
from chainrule.check.targets.pytorch.call import is_function, name_inputs, to_array
from chainrule.check.targets.pytorch.function import make_function
from chainrule.check.targets.pytorch.module import is_module, make_module
from chainrule.check.targets.pytorch.module import list_parameters as list_module_parameters
from chainrule.errors import UserError
from chainrule.layers import Layer, Loss


def check_layer(layer: Any, X: Array, targets: Array | None = None, *, seed: int = 0) -> Verdict:
    """Return the verdict on dX and the gradient of every parameter of a layer, a net, or a loss with its targets.

    `layer` is chainrule's own or any object in the practical's style: forward(x) -> y and backward(dout) -> dx, with
    parameters and gradients in the dictionaries `params` and `grads` or in attributes (W and dW); a loss has
    forward(x, y) and backward(x, y). X has the shape that it takes; the object itself is not changed. What has two
    modes, training and evaluation, is checked in both. A `torch.nn.Module` is checked in float64; a Function within it
    that is wrong is named. Raises UserError where the forward does not run on X.
    """
    if is_module(layer):
        return _check_module(layer, X, targets, seed)
    if not callable(getattr(layer, "forward", None)) or not callable(getattr(layer, "backward", None)):
        raise UserError(f"{layer!r} has no forward and backward; check_backward takes any pair of functions")
    if isinstance(layer, Loss):
        if targets is None:
            raise UserError(f"{layer!r}: a loss is checked with its targets: check_layer(loss, X, targets)")
        return check_target(make_loss(layer), {"X": _array(X), "targets": np.asarray(targets)}, seed)
    if isinstance(layer, Layer):
        return check_target(make_layer(layer), {"X": _array(X), **layer.params}, seed)
    return _check_object(layer, X, targets, seed)


def _check_module(module: Any, X: Any, targets: Any, seed: int) -> Verdict:
    given = [_array(X)] if targets is None else [_array(X), np.asarray(targets)]
    inputs = dict(zip(inspect.signature(module.forward).parameters, given, strict=False))
    return check_target(make_module(module, inputs), inputs | list_module_parameters(module), seed)


def check_function(function: Any, *inputs: Any, seed: int = 0) -> Verdict:
    """Return the verdict on a subclass of `torch.autograd.Function`, called as `function.apply(*inputs)`, or on a
    function with a `jax.custom_vjp`, called as `function(*inputs)`.

    Inputs are tensors, arrays or what else it takes; every one of floating point is checked, in float64.
    Checked too: the number of gradients, None where it is due, every output alone, the second derivative, rounding in
    low precision, what is changed in place or kept. Raises UserError where the forward does not run on the inputs.
    """
    if is_custom_vjp(function):
        given = name_arguments(function, [_array(x) if hasattr(x, "shape") else x for x in inputs])
        return check_target(make_jax(function, given), given, seed)
    if not is_function(function):
        raise UserError(
            f"{function!r} is neither a subclass of torch.autograd.Function nor a jax.custom_vjp; check_backward takes "
            "plain functions"
        )
    given = name_inputs(function, function.forward, [_array(x) if hasattr(x, "shape") else x for x in inputs])
    return check_target(make_function(function, given), given, seed)


def _check_object(layer: Any, X: Array, targets: Array | None, seed: int) -> Verdict:
    name, names = type(layer).__name__, list(inspect.signature(layer.forward).parameters)
    if targets is not None:
        if len(names) < 2:
            raise UserError(f"{name}: forward takes no targets, but targets were given")
        inputs = {names[0]: _array(X), names[1]: np.asarray(targets)}
        target = make_loss_instance(layer, inputs, name)
    else:
        inputs = {names[0]: _array(X)}
        target = make_instance(layer, inputs, name)
        inputs |= list_parameters(layer, inputs)
    return add_answers(check_target(target, inputs, seed), target, inputs, kind=name)


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
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    inputs: Mapping[str, Any],
    *,
    seed: int = 0,
    stages: Stages = (),
    equations: str = "",
) -> None:
    """Fail with the diagnosis (AssertionError) unless `check_backward` finds the backward right."""
    __tracebackhide__ = True
    verdict = check_backward(forward, backward, inputs, seed=seed, stages=stages, equations=equations)
    if not verdict.ok:
        source = find_source(forward) if any(row.line for row in verdict.rows) else None
        raise AssertionError(f"{verdict.text}\n  · Lines are those of {source.path}." if source else verdict.text)


def _array(X: Any) -> Array:
    if hasattr(X, "detach"):
        return to_array(X.cpu())
    return np.asarray(X) if hasattr(X, "dtype") else np.asarray(X, np.float64)
