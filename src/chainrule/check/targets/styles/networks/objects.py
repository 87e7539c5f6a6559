"""Networks as objects whose backward takes what the output is held to: backward(X, y, learning_rate), backward(y).

What is differentiated is the object's own loss, or one of the file's; where there is none, or where the gradients are
those of a multiple of it, the one of the usual losses that explains them.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.model.directions import BACKWARD_METHODS, choose_method
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_returned
from chainrule.check.model.names import CACHE, FIRST_INPUTS, RATES, is_cotangent_name, is_target_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, copies, generator, quiet
from chainrule.check.targets.backward_calls import INPUT, KEPT, OUTPUT, RATE, Way
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments, list_required
from chainrule.check.targets.object_runs import Run
from chainrule.check.targets.objects import find_parameters
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.places import have_same_shapes, read
from chainrule.check.targets.pytorch.call import is_function, is_module_class
from chainrule.check.targets.remade import Remade, list_constructor_settings
from chainrule.check.targets.styles.networks.costs import Loss, list_own_losses, list_scaled
from chainrule.check.targets.styles.networks.lists import FORWARDS
from chainrule.check.targets.styles.renamed_methods import rename
from chainrule.check.trial.evidence import weigh

NO_LOSS = "no loss of its own was found, so {} was differentiated"
OTHER_LOSS = "{} was differentiated, which these are the gradients of; its own {} is {:.4g} times that"
UNKNOWN = (
    "{0}: {1} takes {2}, so that it differentiates a loss, and no loss was found of which any of its gradients is "
    "right; write the loss as a method or a function of the output and {2}, or check its layers"
)


def find_backward(kind: type) -> tuple[str, str, str] | None:
    """Return forward, backward and its argument of the target, of a class whose forward takes x alone."""
    own = [name for name in dir(kind) if inspect.isfunction(getattr(kind, name, None))]
    forward, backward = choose_method(FORWARDS, own), choose_method(BACKWARD_METHODS, own)
    if not forward or not backward:
        return None
    given, takes = list_required(getattr(kind, forward)), list_required(getattr(kind, backward))
    target = next((n for n in takes if is_target_name(n)), "")
    known = any(map(is_cotangent_name, takes)) or any(map(is_target_name, given)) or target in given
    return (forward, backward, target) if target and len(given) == 1 and not known else None


def find_way(thing: Any, x: str, target: str, result: Any) -> Way:
    """Return what each argument of a backward is handed, by its name."""
    kept = len(result) - 1 if isinstance(result, tuple) else 0
    handed: dict[str, str] = {}
    for name, default in list_arguments(thing.backward).items():
        key = name.lower().strip("_")
        if key in RATES:
            handed[name] = RATE
        elif default is ... and name == target:
            handed[name] = f"{INPUT}{target}"
        elif default is ... and (key == x.lower() or key in FIRST_INPUTS - {"a", "z", "logits", "scores", "preds"}):
            handed[name] = f"{INPUT}{x}"
        elif default is ...:
            handed[name] = KEPT if kept and (CACHE in key or kept > 1) and KEPT not in handed.values() else OUTPUT
    return Way(tuple(handed), tuple(handed.values()))


def draw_targets(a: Array) -> Iterator[Array]:
    """Yield what an output may be held to: rows with a single 1, class numbers, numbers of its shape, one a sample."""
    rng = generator(2, 6)
    if a.ndim == 2 and min(a.shape) > 1:
        axis = 0 if not np.allclose(a.sum(axis=1), 1) and np.allclose(a.sum(axis=0), 1) else 1
        classes = rng.integers(0, a.shape[axis], a.shape[1 - axis])
        rows = np.zeros(a.shape)
        np.put_along_axis(rows, np.expand_dims(classes, axis), 1.0, axis)
        yield rows
        yield np.asarray(classes)
    yield rng.uniform(0.1, 0.9, a.shape)
    if a.ndim == 2 and 1 in a.shape:
        yield rng.uniform(0.1, 0.9, a.size)


def list_losses(thing: Any, x: str, target: str, inputs: Mapping[str, Any], a: Array) -> list[Loss]:
    """Return the losses that may be meant: the person's own and what is a multiple of it, else all that are usual."""
    in_columns = inputs[x].ndim == 2 and a.shape[-1] == inputs[x].shape[-1] != a.shape[0]
    usual = [
        Loss(words, lambda fresh, X, a, y, cost=cost: cost(a, y))  # type: ignore[misc]
        for words, cost in list_scaled(-1 if in_columns else 0)
    ]
    own = [
        loss
        for loss in list_own_losses(thing, x)
        if not isinstance(call_theirs(lambda loss=loss: float(_value(thing, loss, x, target, inputs))), Failure)  # type: ignore[misc]
    ]
    if not own:
        return usual
    outputs = a.shape[0 if in_columns else -1]

    def is_meant(each: Loss) -> bool:
        ratio = _find_ratio(thing, own[0], each, x, target, inputs)
        return ratio != 0 and not (outputs > 2 and np.isclose(ratio, outputs))  # `y.size` for `len(y)`

    return [*own, *filter(is_meant, usual)]


def _value(thing: Any, loss: Loss, x: str, target: str, inputs: Mapping[str, Any]) -> float:
    run = Run(thing, {x: inputs[x]}, {})
    with quiet():
        fresh = run.prepare({})
        return float(np.squeeze(loss.value(fresh, inputs[x], first(run.forward(fresh, inputs)), inputs[target])))


def _find_ratio(thing: Any, own: Loss, usual: Loss, x: str, target: str, inputs: Mapping[str, Any]) -> float:
    """Return how many times a usual loss the person's own is; 0 where that is another number with other samples."""
    rows = np.shape(inputs[x])[0] == np.shape(inputs[target])[0]
    index = np.s_[: max(1, len(inputs[x]) // 2)] if rows else np.s_[..., : max(1, inputs[x].shape[-1] // 2)]
    few = {**inputs, x: inputs[x][index], target: inputs[target][index]}
    ratios = call_theirs(
        lambda: [_value(thing, own, x, target, at) / _value(thing, usual, x, target, at) for at in (inputs, few)]
    )
    if isinstance(ratios, Failure) or not np.isclose(ratios[0], ratios[1], rtol=1e-4):
        return 0.0
    return ratios[0]


def name_returned(backward: Callable[..., Any]) -> Callable[..., Any]:
    """Return a backward that returns its gradients by the names that its text has for them, where it has names."""
    names = list_returned(backward)

    @functools.wraps(backward)
    def call(*given: Any, **named: Any) -> Any:
        found = backward(*given, **named)
        has_names = isinstance(found, tuple | list) and len(found) == len(names) and all(names)
        return dict(zip(names, found, strict=True)) if has_names else found

    return call


def make_network(thing: Any, name: str, loss: Loss, run: Run, target: str, called: str) -> Target:
    """Return the target of a network with this loss: its parameters are inputs, and x where nothing else is."""
    x = run.arrays[0]

    def forward(**given: Any) -> Array:
        fresh = run.prepare(given)
        a = first(run.forward(fresh, given))
        return np.asarray(np.squeeze(loss.value(fresh, given[x], a, given[target])))

    def backward(dY: Array, **given: Any) -> Arrays:
        fresh = run.prepare(copies(given))  # which it may step along its gradients
        found = run.backward(fresh, given, run.forward(fresh, given), dY)
        return {n: a for n, a in found.items() if n in run.parameters or not run.parameters}

    required = tuple(run.parameters) or (x,)
    constants = tuple(n for n in (x, target) if n not in required)
    made = Target(name, forward, backward, required, constants, True, find_source(type(thing)), called=called)

    def make_other(other: Any) -> Remade | None:
        is_like = have_same_shapes(run.instance, other, run.parameters.values())
        again = replace(run, instance=other)
        return (make_network(other, name, loss, again, target, called), {}) if is_like else None

    return made.with_extras(settings=lambda given: list_constructor_settings(thing, given, make_other))


class JudgedObjectKind(Kind):
    """A network, or its last layer, whose forward takes x and whose backward takes the target."""

    rank = 73
    is_class = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such an object, its methods under our names."""
        return bool(getattr(type(thing), "held_to", ""))

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class of such objects, with its methods under our names."""
        if not inspect.isclass(value) or is_function(value) or is_module_class(value) or inspect.isabstract(value):
            return None
        found = find_backward(value)
        if found is None:
            return None
        made = rename(value, *found[:2])
        made.backward = name_returned(getattr(value, found[1]))  # type: ignore[attr-defined]
        made.held_to, made.own_backward, made.understood = found[2], found[1], None  # type: ignore[attr-defined]
        return made

    def refuse(self, thing: Any, name: str) -> str:
        """Say that no loss was found."""
        return UNKNOWN.format(name, thing.own_backward, thing.held_to)

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the forward alone, with the parameters."""
        run = Run(thing, inputs, find_parameters(thing, inputs))
        drawn = {n: read(thing, path) for n, path in run.parameters.items()}
        return Target(name, lambda **given: first(run.forward(run.prepare(given), given)), lambda dY, **given: {}), {
            **inputs,
            **drawn,
        }

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target for each loss, the one that explains most gradients first."""
        title, target, (x, *_) = name or type(thing).__name__, type(thing).held_to, inputs
        if known := type(thing).understood:  # other sizes would tell the same
            yield from [known] if np.shape(known[1][x]) == np.shape(inputs[x]) else []
            return
        parameters = find_parameters(thing, inputs)
        runner = Run(thing, inputs, parameters)
        result = call_theirs(lambda: runner.forward(runner.prepare({}), inputs))
        a = first(result) if not isinstance(result, Failure) else None
        if not isinstance(a, np.ndarray) or not a.ndim or not np.isfinite(a).all():
            return
        rng = generator(1, 6)
        drawn = {n: rng.normal(0.1, 0.7, np.shape(read(thing, path))) for n, path in parameters.items()}
        best: tuple[int, Made | None] = (0, None)
        for y in draw_targets(a):
            given = {x: inputs[x], target: y, **drawn}
            way = find_way(thing, x, target, result)
            run = Run(thing, {x: inputs[x]}, parameters, way, loss=True, beside={target: y})
            for made in _list_made(thing, title, run, target, given):
                evidence = weigh(made, given)
                if evidence.settles:
                    yield made, given
                    return
                if not evidence.fits:
                    break  # whatever is differentiated, backward is not called in this way
                is_own = best[1] is None and not made.called  # the person's own loss, though none of it is right
                if len(evidence.right) > best[0] or is_own:
                    best = len(evidence.right), (made, given)
            if best[1]:
                break
        type(thing).understood = best[1]
        if best[1]:
            yield best[1]


def _list_made(thing: Any, title: str, run: Run, target: str, given: Mapping[str, Any]) -> Iterator[Target]:
    x = run.arrays[0]
    with quiet():
        a = np.asarray(first(run.forward(run.prepare({}), given)))
    losses = list_losses(thing, x, target, given, a)
    for loss in losses:
        called = "" if loss.name else NO_LOSS.format(loss.words)
        if not loss.name and losses[0].name:
            ratio = _find_ratio(thing, losses[0], loss, x, target, given)
            called = "" if np.isclose(ratio, 1, rtol=1e-4) else OTHER_LOSS.format(loss.words, losses[0].name, ratio)
        yield make_network(thing, title, loss, run, target, called)


KINDS = (JudgedObjectKind(),)
