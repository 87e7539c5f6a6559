"""Classes whose forward and backward have other names, or that have a derivative in place of a backward.

`forward_pass` and `backward_pass`, `fprop` and `bprop`, `call` and `backprop`, a `build` before the first call;
`activation` and `derivative`, of the input or of the output.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.model.construction import remember_as
from chainrule.check.model.directions import BACKWARD_METHODS, DERIVATIVE_METHODS, FORWARD_METHODS, choose_method
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import calls
from chainrule.check.model.names import SETTINGS, is_cotangent_name, is_target_name
from chainrule.check.model.target import SUMMED
from chainrule.check.targets.backward_calls import STEP, Descent
from chainrule.check.targets.kinds import Made, Namespace, list_arguments, list_required
from chainrule.check.targets.objects import ObjectKind
from chainrule.check.targets.pinned import pinned
from chainrule.check.targets.pytorch.call import is_function, is_module_class
from chainrule.check.targets.styles.function_pairs import contract
from chainrule.errors import UserError


class Renamed:
    """What a class with other names becomes: a class derived from it, with forward and backward."""

    ways: tuple[type, ...] = ()  # the classes to be tried, the likeliest first
    labels = ""  # of a loss, the argument that is no prediction
    refusal = ""  # why it cannot be checked


def rename(kind: type, forward: str, backward: str) -> type:
    """Return a class with a backward under its own name."""
    parts = {"forward": forward, "backward": backward}
    return derive(kind, {name: inspect.getattr_static(kind, own) for name, own in parts.items()})


def derive(kind: type, members: dict[str, Any]) -> type:
    """Return a class derived from a person's, under its name, with other members."""
    made = type(kind.__name__, (kind, Renamed), {**members, "__module__": kind.__module__, "__doc__": kind.__doc__})
    made.__qualname__ = kind.__qualname__
    made.__abstractmethods__ = frozenset()  # type: ignore[attr-defined]
    return made


def _multiply(kind: type, forward: str, derivative: str, of_output: bool) -> type:
    """Return a class whose backward multiplies dY by a derivative, of the input or of the output."""

    def run(self: Any, x: Any) -> Any:
        self._given_, self._made_ = x, getattr(self, forward)(x)
        return self._made_

    def back(self: Any, dY: Any) -> Any:
        method = getattr(self, derivative)
        takes = [n for n, default in list_arguments(method).items() if default is ...]
        return contract(dY, method(*([self._made_ if of_output else self._given_] if takes else [])))

    signature = [p for p in inspect.signature(getattr(kind, forward)).parameters.values() if p.name != "self"]
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD), *signature[:1]]
    )
    return derive(kind, {"forward": run, "backward": back})


def _judge(kind: type, forward: str, derivative: str, names: list[str]) -> type:
    """Return a class of a loss: forward(prediction, target) is summed, backward is its derivative by the first."""
    told, guess = sorted(names, key=lambda name: not is_target_name(name))
    shown = "y_pred" if guess.lower() in SETTINGS else guess  # p is no setting here

    def run(self: Any, *arguments: Any, **named: Any) -> Any:
        given = {guess: arguments[0], **named}
        self._given_ = [given[name] for name in names]
        loss = inspect.getattr_static(kind, forward).__get__(self, kind)(*self._given_)
        self._has_entries_ = np.ndim(loss) > 0
        return np.sum(loss)

    def back(self: Any) -> Any:
        method = inspect.getattr_static(kind, derivative).__get__(self, kind)  # which this stands for, of the same name
        takes = [n for n, default in list_arguments(method).items() if default is ...]
        same = set(takes) == set(names)
        values = dict(zip(names, self._given_, strict=True))
        return method(*([values[n] for n in takes] if same else self._given_[: len(takes)]))

    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    run.__signature__ = inspect.Signature([inspect.Parameter(n, either) for n in ("self", shown, told)])  # type: ignore[attr-defined]
    return derive(kind, {"forward": run, "backward": back, "labels": told})


def list_ways(kind: type) -> list[type]:
    """Return the classes that a class with other names may be taken for; none where it has no such methods."""
    for call in pinned.values():
        names = [name.rpartition(".") for name in (call.forward, call.backward)]
        if all(owner == kind.__name__ and _is_own(kind, method) for owner, _, method in names):
            return [rename(kind, names[0][2], names[1][2])]
    own = [name for each in kind.__mro__[:-1] for name in vars(each) if callable(getattr(kind, name, None))]
    forward, backward = choose_method(FORWARD_METHODS, own), choose_method(BACKWARD_METHODS, own)
    if forward and backward and (sentence := _find_refusal(kind, forward, backward)):
        return [derive(kind, {"forward": inspect.getattr_static(kind, forward), "refusal": sentence})]
    if not forward or (forward, backward) == ("forward", "backward"):
        return []
    derivative = backward or choose_method(DERIVATIVE_METHODS, [n for n in own if n != forward])
    if not derivative:
        return []
    given = list(list_required(getattr(kind, forward)))
    takes = list(list_required(getattr(kind, derivative)))
    if len(given) == 2 and any(map(is_target_name, given)) and not any(map(is_cotangent_name, takes)):
        return [_judge(kind, forward, derivative, given)]
    if backward:
        return [rename(kind, forward, backward)]
    readings = (
        (False,) if calls(getattr(kind, derivative), forward) else (False, True)
    )  # what computes Y is not given it
    slopes = [_multiply(kind, forward, derivative, of_output) for of_output in readings] if len(given) == 1 else []
    if not takes:
        return slopes[:1]
    plain = [rename(kind, forward, derivative)]
    if len(takes) > 1 or len(given) > 1 or any(map(is_cotangent_name, takes)):
        return [*plain, *slopes] if len(takes) == 1 else plain
    return [*slopes, *plain]


def _find_refusal(kind: type, forward: str, backward: str) -> str:
    """Return why a backward that takes the target of a loss, which its forward does not compute, is not checked."""
    given, takes = list_required(getattr(kind, forward)), list_required(getattr(kind, backward))
    target = next((name for name in takes[1:] if is_target_name(name)), "")
    if not target or any(map(is_target_name, given)) or any(map(is_cotangent_name, takes)) or target in given:
        return ""
    owner = kind.__name__
    return (
        f"{owner}: {backward} takes {target}, so that it differentiates a loss, which {forward} does not return; write "
        f"the loss as a function with that gradient, or check its layers (--call '{owner}.{backward}(…) of "
        f"{owner}.{forward}' says a call)"
    )


def _is_own(kind: type, name: str) -> bool:
    return any(name in vars(each) for each in kind.__mro__[:-1]) and callable(getattr(kind, name, None))


class RenamedKind(ObjectKind):
    """A class whose forward and backward have other names."""

    rank = 80

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is an object of such a class."""
        return isinstance(thing, Renamed)

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class with forward and backward in place of one whose methods have other names."""
        if not inspect.isclass(value) or is_module_class(value) or is_function(value) or _records(value):
            return None
        if value.__subclasses__() and inspect.isabstract(value):
            return None
        ways = list_ways(value)
        if not ways:
            return None
        ways[0].ways = tuple(ways)  # type: ignore[attr-defined]
        return ways[0]

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target for each class that the object's may be taken for, built for the inputs first."""
        if type(thing).refusal:
            raise UserError(type(thing).refusal)
        for way in type(thing).ways or (type(thing),):
            each = copy.deepcopy(thing)
            each.__class__ = way
            remember_as(each, thing)
            _build(each, inputs)
            for target, every in super().make_all(each, inputs, name, way.labels or labels):
                yield (replace(target, called=SUMMED) if way.labels and _has_entries(each, inputs) else target), every


def _has_entries(thing: Any, inputs: dict[str, Any]) -> bool:
    """Tell whether a loss returns an entry for each sample, so that their sum is what is differentiated."""
    tried, ((_, guess), *others) = copy.deepcopy(thing), inputs.items()
    call_theirs(lambda: tried.forward(guess, **dict(others)))
    return bool(getattr(tried, "_has_entries_", False))


def _build(thing: Any, inputs: dict[str, Any]) -> None:
    """Let a layer make its parameters for the shape of its input, where it does so before its first call.

    An optimizer that it asks for then takes plain steps.
    """
    build = getattr(thing, "build", None)
    first = next((value for value in inputs.values() if hasattr(value, "shape")), None)
    if callable(build) and first is not None and not getattr(thing, "built", False):
        for shape in (first.shape, (None, *first.shape[1:]), first.shape[-1]):
            if not isinstance(call_theirs(lambda shape=shape: build(shape)), Failure):  # type: ignore[misc]
                break
        thing.__dict__["built"] = True
    told, initialize = getattr(thing, "set_input_shape", None), getattr(thing, "initialize", None)
    if callable(told) and first is not None and not thing.__dict__.get("has_shape"):
        call_theirs(lambda: told(first.shape[1:]))
        if callable(initialize):
            takes = [n for n, default in list_arguments(initialize).items() if default is ...]
            call_theirs(lambda: initialize(*[Descent() for _ in takes]))
            thing.__dict__["learning_rate"] = STEP  # of the steps that backward then takes
        thing.__dict__["has_shape"] = True


def _records(value: type) -> bool:
    """Tell whether a class records operations, as those of closures.py do."""
    return any(word in vars(value) for word in ("__add__", "__mul__", "__matmul__"))


KINDS = (RenamedKind(),)
