"""What can be checked in a person's file, found by its names, with inputs that it takes.

class Linear: forward(x), backward(dout)            the practical's style, parameters inside
class Loss: forward(x, y), backward(x, y)
affine_forward(x, w, b), affine_backward(dout, cache)
softmax_loss(x, y) -> (loss, dx)
f(x, w), f_backward(dout, x, w)                     a pair of plain functions
layers of chainrule, subclasses of torch.autograd.Function, and of torch.nn.Module that call them
functions with a jax.custom_vjp
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from chainrule.check.files.inputs import TARGETS, Given, draw_arguments, draw_inputs, list_schemes, randomize
from chainrule.check.model.target import Target
from chainrule.check.targets.cached_functions import make_cached, make_loss_function
from chainrule.check.targets.jax_function import is_custom_vjp, make_jax
from chainrule.check.targets.layers import make_layer, make_loss
from chainrule.check.targets.objects import list_parameters, make_instance, make_loss_instance
from chainrule.check.targets.pair import find_source, make_pair
from chainrule.check.targets.pytorch.call import is_function
from chainrule.check.targets.pytorch.function import make_function
from chainrule.check.targets.pytorch.module import is_module_class, leaves_autograd, make_module
from chainrule.check.targets.pytorch.module import list_parameters as list_module_parameters
from chainrule.check.trial.failure import describe_failure
from chainrule.check.trial.inputs import accepts
from chainrule.errors import UserError
from chainrule.layers import Layer, Loss

Made = tuple[Target, dict[str, Any]]
Maker = Callable[[Mapping[str, Given], int], Made]


def list_candidates(module: ModuleType, wanted: str = "") -> Iterator[tuple[str, Maker]]:
    """Yield what the file itself defines and can be checked, by name, in the file's order.

    A module of PyTorch's is among them where a Function or something else stands outside autograd, or it is wanted.
    """
    own = {n: v for n, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__ and callable(v)}
    of_rules = [part for v in own.values() if is_custom_vjp(v) for part in (v.fun, v.fwd, v.bwd)]
    own = {n: v for n, v in own.items() if v not in of_rules}
    for name, value in own.items():
        if inspect.isclass(value):
            if is_function(value):
                yield name, _torch_function(value)
            elif is_module_class(value):
                if name == wanted or leaves_autograd(value, _list_functions(module)):
                    yield name, _torch_module(value, name)
            elif _has_both(value) and not inspect.isabstract(value):
                yield name, _instance(value, name)
        elif is_custom_vjp(value):
            yield name, _jax_function(value, name)
        elif inspect.isfunction(value) and (maker := _function(name, value, own)):
            yield name, maker


def _function(name: str, function: Callable[..., Any], own: Mapping[str, Any]) -> Maker | None:
    base, backward, rest = name.partition("_backward")
    if backward and base:
        forward = own.get(f"{base}_forward{rest}") or own.get(f"{base}_forward") or own.get(base)
        return _pair(forward, function) if inspect.isfunction(forward) else None
    if name == "backward" and inspect.isfunction(own.get("forward")):
        return _pair(own["forward"], function)
    parameters = list(inspect.signature(function).parameters)
    is_loss = "loss" in name.lower() and len(parameters) > 1 and parameters[1].lower() in TARGETS
    return _loss_function(function) if is_loss and f"{name}_backward" not in own else None


def _pair(forward: Callable[..., Any], backward: Callable[..., Any]) -> Maker:
    _, *received = _arguments(backward)
    cached = "cache" in received or (len(received) == 1 and received[0] not in _arguments(forward))

    def make(given: Mapping[str, Given], seed: int) -> Made:
        def tries() -> Iterator[Made]:
            for inputs in draw_inputs(_arguments(forward), given, seed):
                if cached:
                    yield make_cached(forward, backward, inputs), inputs
                else:
                    yield make_pair(forward, backward, tuple(inputs)), inputs

        return _choose(tries(), forward.__name__, forward)

    return make


def _loss_function(loss: Callable[..., Any]) -> Maker:
    def make(given: Mapping[str, Given], seed: int) -> Made:
        drawn = draw_inputs(_arguments(loss), given, seed)
        tries = ((make_loss_function(loss, inputs), inputs) for inputs in drawn)
        return _choose(tries, loss.__name__, loss, lambda Y: Y.ndim == 0)

    return make


def _torch_function(function: Any) -> Maker:
    def make(given: Mapping[str, Given], seed: int) -> Made:
        names = _arguments(function.forward)
        names.pop("ctx", None)
        tries = ((make_function(function, inputs), inputs) for inputs in draw_inputs(names, given, seed))
        return _choose(tries, function.__name__, function.forward)

    return make


def _jax_function(function: Any, name: str) -> Maker:
    def make(given: Mapping[str, Given], seed: int) -> Made:
        if function.fwd is None:
            raise UserError(f"{name}: it has no rule yet; give it one with {name}.defvjp(forward, backward)")
        drawn = draw_inputs(_arguments(function.fun), given, seed)
        tries = ((replace(make_jax(function, inputs), name=name), inputs) for inputs in drawn)
        return _choose(tries, name, function.fun)

    return make


def _torch_module(kind: Any, name: str) -> Maker:
    def make(given: Mapping[str, Given], seed: int) -> Made:
        def tries() -> Iterator[Made]:
            for module in _construct(kind, name, given):
                for inputs in draw_inputs(_arguments(module.forward), given, seed):
                    yield make_module(module, inputs, name), {**inputs, **list_module_parameters(module)}

        return _choose(tries(), name, kind.forward)

    return make


def _instance(kind: Any, name: str) -> Maker:
    def make(given: Mapping[str, Given], seed: int) -> Made:
        def tries() -> Iterator[Made]:
            for instance in _construct(kind, name, given):
                yield from _fit_instance(instance, name, given, seed)

        return _choose(tries(), name, kind.forward)

    return make


def _construct(kind: Any, name: str, given: Mapping[str, Given]) -> Iterator[Any]:
    """Yield objects of a class, made with sizes of each scheme; raise UserError where none can be made."""
    arguments, refusals, count = _arguments(kind), list[Exception](), 0
    for scheme, listed in itertools.product(list_schemes(given), (False, True)):
        try:
            instance = kind(**draw_arguments(arguments, given, scheme, listed))
        except Exception as error:  # a person's constructor refuses in any way it likes
            refusals.append(error)
            continue
        count += 1
        yield instance
    if not count:
        wanted = ", ".join(n for n, default in arguments.items() if default is ...)
        raise UserError(
            f"{name}: no arguments were found with which it can be made ({wanted}): "
            f"{describe_failure(refusals[0], find_source(kind))}; give them with --input NAME=value:5 or NAME=8x5"
        )


def _fit_instance(instance: Any, name: str, given: Mapping[str, Given], seed: int) -> Iterator[Made]:
    names = _arguments(instance.forward)
    is_loss = len(names) == 2 and list(names)[1].lower() in TARGETS
    for inputs in draw_inputs(names, given, seed):
        if isinstance(instance, Layer):
            yield make_layer(instance), {"X": next(iter(inputs.values())), **instance.params}
        elif isinstance(instance, Loss):
            yield make_loss(instance), dict(zip(("X", "targets"), inputs.values(), strict=True))
        elif is_loss:
            yield make_loss_instance(instance, inputs, name), inputs
        else:
            parameters = randomize(list_parameters(instance, inputs), seed)
            yield make_instance(instance, inputs, name), {**inputs, **parameters}


def _choose(
    tries: Iterator[Made], name: str, function: Callable[..., Any], fits: Callable[[Any], bool] = lambda Y: True
) -> Made:
    """Return the first target with inputs that it takes; raise UserError, with what the first try met, for none."""
    refusal = ""
    for target, inputs in tries:
        if _suit(target, inputs) and fits(target.run(inputs)):
            return target, inputs
        refusal = refusal or _ask_why(target, inputs)
    wanted = ", ".join(name for name in _arguments(function) if name not in ("self", "ctx")) or "none"
    raise UserError(
        f"{name}: no inputs were found that it takes (arguments: {wanted}){refusal}; give them with --input NAME=8x5"
    )


def _ask_why(target: Target, inputs: dict[str, Any]) -> str:
    """Return what a forward says to inputs that it does not take."""
    try:
        Y = target.run(inputs)
    except Exception as error:  # a person's code refuses in any way it likes
        return f": {describe_failure(error, target.source)}"
    return ": it returns None" if Y.dtype == object and Y.ndim == 0 and Y[()] is None else ""


def _suit(target: Target, inputs: dict[str, Any]) -> bool:
    """Tell whether the forward takes these inputs, and by more than luck: where signs differ, with the others too."""
    if not accepts(target, inputs) or not inputs:
        return False
    name, X = next(iter(inputs.items()))
    return bool(np.all(X >= 0)) or accepts(target, {**inputs, name: -X})


def _arguments(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the arguments of a function by name, with their defaults; `...` for those that have none."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        return {}
    plain = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return {p.name: ... if p.default is p.empty else p.default for p in plain}


def _has_both(kind: type) -> bool:
    return callable(getattr(kind, "forward", None)) and callable(getattr(kind, "backward", None))


def _list_functions(module: ModuleType) -> list[str]:
    """Return the names in a file of Functions of PyTorch's, and of their `apply`."""
    return [name for name, value in vars(module).items() if is_function(getattr(value, "__self__", value))]
