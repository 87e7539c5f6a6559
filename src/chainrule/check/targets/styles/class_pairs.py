"""A forward and its backward in two classes: Sigmoid and SigmoidPrime, SquareForward and SquareBackward."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from chainrule.check.model.directions import (
    BACKWARD_METHODS,
    DERIVATIVE_METHODS,
    FORWARD_METHODS,
    choose_method,
    find_forward_name,
)
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.targets.kinds import Made, Namespace
from chainrule.check.targets.pair import Pair
from chainrule.check.targets.pytorch.call import is_function, is_module_class
from chainrule.check.targets.styles.function_pairs import NamedPairKind

METHODS = (*FORWARD_METHODS, *BACKWARD_METHODS, *DERIVATIVE_METHODS)


def find_only_method(kind: type) -> Callable[..., Any] | None:
    """Return what an object of a class computes, where it is made of nothing and has one method for that."""
    names = [name for name, value in vars(kind).items() if callable(getattr(value, "__func__", value))]
    named = [name for name in names if choose_method(METHODS, [name])]
    plain = [name for name in names if not name.startswith("_")]
    method = (named if len(named) == 1 else plain if len(plain) == 1 else [""])[0]
    made = call_theirs(kind)
    return getattr(made, method) if method and not isinstance(made, Failure) else None


def list_functions(kind: Any) -> dict[str, Callable[..., Any]]:
    """Return the functions that a class holds as a mere namespace: static, of the class, or of an object of nothing.

    None where it has a forward or a backward, which is another kind of class.
    """
    if not _is_plain(kind) or any(choose_method(each, vars(kind)) for each in (FORWARD_METHODS[:12], BACKWARD_METHODS)):
        return {}
    held = {n: v for n, v in vars(kind).items() if not n.startswith("_") and callable(getattr(kind, n))}
    needs_object = any(
        inspect.isfunction(v) and list(inspect.signature(v).parameters)[:1] == ["self"] for v in held.values()
    )
    owner = call_theirs(kind) if needs_object else kind
    return {} if isinstance(owner, Failure) else {n: _unbind(getattr(owner, n)) for n in held}


def _unbind(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a plain function that calls a method."""
    if inspect.isfunction(method):
        return method

    @functools.wraps(method)
    def call(*arguments: Any, **named: Any) -> Any:
        return method(*arguments, **named)

    call.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
    return call


class ClassPairKind(NamedPairKind):
    """Two classes whose names tell that one is the backward, or the derivative, of the other."""

    rank = 85

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the pair of what the two classes compute."""
        if not _is_plain(value):
            return None
        classes = {each: kind for each, kind in file.own.items() if _is_plain(kind)}
        forward = classes.get(find_forward_name(name, classes))
        methods = (find_only_method(forward), find_only_method(value)) if forward else (None, None)
        return Pair(*methods) if all(methods) else None  # type: ignore[arg-type]

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield what two functions would yield, under the class's name."""
        for target, every in super().make_all(thing, inputs, name, labels):
            yield replace(target, name=name or target.name), every


def _is_plain(value: Any) -> bool:
    return inspect.isclass(value) and not is_function(value) and not is_module_class(value)


KINDS = (ClassPairKind(),)
