"""Losses that return their gradients beside them: loss(W, X, y, reg) -> (loss, dW), or of an object's parameters."""

from __future__ import annotations

import copy
import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.model.directions import find_back_words
from chainrule.check.model.failure import NoGradientError, call_theirs
from chainrule.check.model.literals import list_returned
from chainrule.check.model.names import LABELS, PARAMETER_HOLDERS, is_gradient_of
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Setting, Target
from chainrule.check.targets.cached_functions import first, list_arrays
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_pair, find_source
from chainrule.check.targets.places import choose_names, list_places, name_place, read, store
from chainrule.check.targets.remade import Remade, list_constructor_settings
from chainrule.check.targets.styles.closures import find_closure
from chainrule.check.targets.styles.function_pairs import find_named_pair

WORDS = (
    "loss",
    "cost",
    "objective",
    "svm",
    "softmax",
    "regression",
    "criterion",
    "entropy",
    "hinge",
    "error",
    "energy",
)


AND_GRADIENT = re.compile(r"(?i)(?:and|with)_?(?:the_)?(?:grad|derivative|jac)")


def make_loss_gradients(loss: Callable[..., Any], inputs: Mapping[str, Any]) -> Target:
    """Return the target of loss(W, X, y, …) -> (loss, dW, …): whose gradients they are, names and shapes tell."""
    floats = [name for name in list_arrays(inputs) if inputs[name].dtype.kind == "f"]
    returned = list_returned(loss)[1:]

    def backward(dY: Array, **given: Any) -> Arrays:
        return _name(loss(**given)[1:], returned, floats, given)

    owners = list(_name(loss(**inputs)[1:], returned, floats, inputs))
    constants = tuple(name for name in list_arrays(inputs) if name not in owners)
    source = find_source(loss)
    called = f"what it returns beside the loss is taken for the gradient of {' and '.join(owners)}"
    return Target(
        loss.__name__,
        lambda **given: first(loss(**given)),
        backward,
        tuple(owners),
        constants,
        True,
        source,
        called=called,
    )


def _name(found: Sequence[Any], returned: Sequence[str], floats: Sequence[str], given: Mapping[str, Any]) -> Arrays:
    if len(found) == 1 and isinstance(found[0], Mapping):
        table = found[0]
        return {n: table[k] for n in floats for k in table if str(k) == n or is_gradient_of(str(k), n)}
    if len(found) == 1 and isinstance(found[0], tuple | list):
        found = found[0]
    free, named = list(floats), dict[str, Any]()
    for gradient, own in zip(found, [*returned, *[""] * len(found)], strict=False):
        same = [n for n in free if own and is_gradient_of(own, n)]
        alike = [n for n in free if np.shape(given[n]) == np.shape(gradient)]
        if same or alike:
            named[(same or alike)[0]] = gradient
            free.remove((same or alike)[0])
    return named


def _gives_loss_last(returned: Sequence[str]) -> bool:
    *gradients, last = returned or [""]
    is_loss = last.lower() in ("j", "l") or any(word in last.lower() for word in WORDS)
    return is_loss and bool(gradients) and all(n and n.lower().startswith(("d", "grad")) for n in gradients)


def _put_loss_first(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that returns what this one returns last before the rest."""

    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        *gradients, loss = function(*given, **named)
        return loss, *gradients

    return call


class LossGradientsKind(Kind):
    """loss(W, X, y, reg) -> (loss, dW)."""

    rank = 62

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a function that returns a loss and what is called a gradient."""
        if not inspect.isfunction(value):
            return None
        returned, own = list_returned(value), list(list_arguments(value))
        of_own = [any(is_gradient_of(each, n) for n in own) for each in returned]
        if of_own[1:] and all(of_own[1:]) and not of_own[0] and returned[0] and not find_pair(name, value, file.own):
            return value  # kl_divergence(mu, logvar) -> (kl, dmu, dlogvar)
        if find_closure(value):
            return None  # what it returns beside is a backward
        if AND_GRADIENT.search(name) and len(returned) > 1:
            return value  # rosenbrock_value_and_grad(x) -> (f, g)
        if len(own) > 1 and _gives_loss_last(returned):
            return _put_loss_first(value)  # propagate(w, b, X, Y) -> (grads, cost)
        if len(own) < 2:
            return None
        says = any(word in name.lower() for word in WORDS) or any(n.lower() in LABELS for n in list_arguments(value))
        first_is_loss = bool(returned) and any(word in returned[0].lower() for word in (*WORDS, "j", "l"))
        gradients = [n for n in returned[1:] if n and (find_back_words(n) or n.lower().startswith(("d", "grad")))]
        is_expression = returned[1:] == [""] and len(own) > 2  # loss(w, X, y), of whose shape it will be seen to be
        if any(word in name.lower() for word in WORDS) and returned == ["", ""]:
            pairs = (find_pair(n, f, file.own) or find_named_pair(n, f, file.own) for n, f in file.own.items())
            if not any(pair.forward is value for pair in pairs if pair):
                return value  # value_loss(v, returns) -> (½ mean(d²), d / n)
        return value if says and first_is_loss and (gradients or is_expression) else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the function itself."""
        function: Callable[..., Any] = thing
        return function

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the loss."""
        return make_loss_gradients(thing, inputs), inputs

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target, where the function runs."""
        made = call_theirs(lambda: self.make(thing, inputs))
        if all(inputs[n].dtype.kind != "f" for n in list_arrays(inputs)):
            return  # places in a table, of which no gradient is
        if isinstance(made, tuple) and not made[0].required:
            raise NoGradientError(f"{thing.__name__}: nothing that it returns beside the loss has an input's shape")
        if isinstance(made, tuple):
            yield made
        else:
            constants = tuple(list_arrays(inputs))
            yield (
                Target(thing.__name__, lambda **given: first(thing(**given)), lambda dY, **given: {}, (), constants),
                inputs,
            )

    def fits(self, Y: Array) -> bool:
        """Tell whether an output is one number."""
        return Y.ndim == 0


class LossMethodKind(Kind):
    """An object with loss(X, y) -> (loss, grads), or (loss, dWx, dWh, …), of its parameters."""

    rank = 75
    is_class = True
    starts_constant = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing has such a method, and neither forward nor backward that would be checked instead."""
        method = getattr(thing, "loss", None)
        if not callable(method) or callable(getattr(thing, "backward", None)):
            return False
        returned = list_returned(method)
        return len(returned) > 1 and bool(find_back_words(returned[1]) or returned[1].lower().startswith("grad"))

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class of such objects."""
        return value if inspect.isclass(value) and self.recognize(value) else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return its loss."""
        method: Callable[..., Any] = thing.loss
        return method

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the arguments of the loss; labels are given, though they have a default."""
        own = {n: d for n, d in super().list_arguments(thing).items() if n != "self"}
        return {n: ... if n.lower() in LABELS else d for n, d in own.items()}

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the loss, whose inputs are the parameters besides."""
        places = choose_names(list_places(thing))
        holders = [p for p, _ in places if len(p) > 1 and str(p[0]) in PARAMETER_HOLDERS]
        paths = {name_place(p): p for p in holders or [p for p, _ in places]}
        arrays = {name_place(p): a for p, a in places if name_place(p) in paths}

        returned = list_returned(thing.loss)[1:]

        def run(given: Mapping[str, Any]) -> Any:
            fresh = copy.deepcopy(thing)
            for own, path in paths.items():
                store(fresh, path, given[own])
            return fresh.loss(**{n: given[n] for n in inputs})

        def backward(dY: Array, **given: Any) -> Arrays:
            _, *found = run(given)
            table = found[0] if isinstance(found[0], Mapping) else dict(zip(returned, found, strict=False))
            keyed = {n: k for n in paths for k in table if str(k) == n or is_gradient_of(str(k), n)}
            return {n: table[k] for n, k in keyed.items()}

        def vary(given: Arrays) -> Iterator[Setting]:
            def make_other(other: Any) -> Remade | None:
                is_alike = all(np.shape(read(other, path)) == np.shape(arrays[n]) for n, path in paths.items())
                return (self.make(other, inputs, name)[0], {}) if is_alike else None

            yield from list_constructor_settings(thing, given, make_other)

        title = name or type(thing).__name__
        constants = tuple(n for n in inputs if hasattr(inputs[n], "shape"))
        source = find_source(type(thing))
        target = Target(title, lambda **given: first(run(given)), backward, tuple(paths), constants, True, source)
        return target.with_extras(settings=vary), {**inputs, **arrays}

    def fits(self, Y: Array) -> bool:
        """Tell whether an output is one number."""
        return Y.ndim == 0


KINDS = (LossGradientsKind(), LossMethodKind())
