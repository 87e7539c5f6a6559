"""The checks that Python code calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.answers.answer import add_answers
from chainrule.check.answers.asked import Asked, Stages
from chainrule.check.checker import check_target
from chainrule.check.model.problem import Array
from chainrule.check.model.verdict import Verdict
from chainrule.check.targets.kinds import Kind, find_kind
from chainrule.check.targets.pair import find_source, make_pair
from chainrule.check.targets.pytorch.call import to_array
from chainrule.errors import UserError


def check_layer(
    layer: Any, X: Array, targets: Array | None = None, *, seed: int = 0, stages: Stages = (), equations: str = ""
) -> Verdict:
    """Return the verdict on dX and the gradient of every parameter of a layer, a net, or a loss with its targets.

    `layer` is chainrule's own or any object in the practical's style: forward(x) -> y and backward(dout) -> dx, with
    parameters and gradients in the dictionaries `params` and `grads` or in attributes (W and dW); a loss has
    forward(x, y) and backward(x, y). X has the shape that it takes; the object itself is not changed. What has two
    modes, training and evaluation, is checked in both. A `torch.nn.Module` is checked in float64; a Function within it
    that is wrong is named. `stages` and `equations` are those of `check_backward`. Raises UserError where the forward
    does not run on X.
    """
    kind = find_kind(layer)
    if kind is None:
        raise UserError(f"{layer!r} has no forward and backward; check_backward takes any pair of functions")
    values = [_as_array(X)] if targets is None else [_as_array(X), np.asarray(targets)]
    if len(kind.name_inputs(layer, values)) < len(values):
        raise UserError(f"{type(layer).__name__}: forward takes no targets, but targets were given")
    return _check(kind, layer, values, seed, _ask(stages, equations))


def check_function(function: Any, *inputs: Any, seed: int = 0, stages: Stages = (), equations: str = "") -> Verdict:
    """Return the verdict on a subclass of `torch.autograd.Function`, called as `function.apply(*inputs)`, or on a
    function with a `jax.custom_vjp`, called as `function(*inputs)`.

    Inputs are tensors, arrays or what else it takes; every one of floating point is checked, in float64.
    Checked too: the number of gradients, None where it is due, every output alone, the second derivative, rounding in
    low precision, what is changed in place or kept. `stages` and `equations` are those of `check_backward`. Raises
    UserError where the forward does not run on the inputs.
    """
    kind = find_kind(function, is_function=True)
    if kind is None:
        raise UserError(
            f"{function!r} is neither a subclass of torch.autograd.Function nor a jax.custom_vjp; check_backward takes "
            "plain functions"
        )
    values = [_as_array(x) if hasattr(x, "shape") else x for x in inputs]
    return _check(kind, function, values, seed, _ask(stages, equations))


def _ask(stages: Stages, equations: str) -> Asked:
    return Asked(stages, (equations,) if equations else ())


def _check(kind: Kind, thing: Any, values: Sequence[Any], seed: int, asked: Asked) -> Verdict:
    inputs = kind.name_inputs(thing, values)
    labels = "".join(list(inputs)[1:2]) if not kind.is_function else ""  # check_layer takes X and a loss's targets
    target, inputs = kind.make(thing, inputs, labels=labels)
    return add_answers(check_target(target, inputs, seed), target, inputs, asked, target.name)


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
    return add_answers(verdict, target, dict(inputs), _ask(stages, equations))


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
    _demand(check_backward(forward, backward, inputs, seed=seed, stages=stages, equations=equations), forward)


def assert_layer(
    layer: Any, X: Array, targets: Array | None = None, *, seed: int = 0, stages: Stages = (), equations: str = ""
) -> None:
    """Fail with the diagnosis (AssertionError) unless `check_layer` finds the layer right."""
    __tracebackhide__ = True
    _demand(check_layer(layer, X, targets, seed=seed, stages=stages, equations=equations), type(layer))


def assert_function(function: Any, *inputs: Any, seed: int = 0, stages: Stages = (), equations: str = "") -> None:
    """Fail with the diagnosis (AssertionError) unless `check_function` finds the function right."""
    __tracebackhide__ = True
    verdict = check_function(function, *inputs, seed=seed, stages=stages, equations=equations)
    _demand(verdict, getattr(function, "fun", function))


def _demand(verdict: Verdict, written: Any) -> None:
    __tracebackhide__ = True
    if not verdict.ok:
        source = find_source(written) if any(row.line for row in verdict.rows) else None
        raise AssertionError(f"{verdict.text}\n  · Lines are those of {source.path}." if source else verdict.text)


def _as_array(X: Any) -> Array:
    if hasattr(X, "detach"):
        return to_array(X.cpu())
    return np.asarray(X) if hasattr(X, "dtype") else np.asarray(X, np.float64)
