"""Losses of a whole network whose parameters come in a dictionary: loss(params, X, y, reg) -> (loss, grads)."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_returned, read_source
from chainrule.check.model.names import FIRST_INPUTS, LABELS, is_gradient_of, is_target_name
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.styles.networks.functions import TABLES

SIZES = (5, 4, 3)  # features in, hidden, out
SAMPLES = 6
LAYER = re.compile(r"^(W|w|b|theta|weights?|bias(?:es)?)_?(\d+)$")


@dataclass(frozen=True)
class TabledLoss:
    """A function loss(params, X, y) and the entries of its dictionary that the file reads."""

    function: Callable[..., Any]
    table: str
    keys: tuple[str, ...]


def find_tabled_loss(value: Any, own: Mapping[str, Any]) -> TabledLoss | None:
    """Return a function that takes a dictionary of numbered layers and labels, and returns a loss and gradients."""
    if not inspect.isfunction(value):
        return None
    names = list(list_arguments(value))
    table = next((n for n in names if n.lower() in TABLES), "")
    if not table or not any(is_target_name(n) for n in names) or not any(n.lower() in FIRST_INPUTS for n in names):
        return None
    returned = list_returned(value)
    if len(returned) != 2 or not re.match(r"d|grad|g$", returned[1].lower()):
        return None
    texts = [read_source(function) for function in own.values() if inspect.isfunction(function)]
    read = [k for text in texts for k in re.findall(rf"\b{table}\[['\"](\w+)['\"]\]", text)]
    keys = tuple(dict.fromkeys(k for k in read if LAYER.match(k)))
    return TabledLoss(value, table, keys) if keys else None


def draw_layers(keys: tuple[str, ...], in_columns: bool, flat: bool) -> dict[str, Array]:
    """Return weights and biases of numbered layers, for samples in columns or in rows, biases flat or not."""
    rng, numbers = generator(0, 5), sorted({int(m[2]) for m in map(LAYER.match, keys) if m})
    sizes = [*SIZES[:1], *(SIZES[1] + k for k in range(len(numbers) - 1)), SIZES[-1]]
    drawn = {}
    for key in keys:
        match = LAYER.match(key)
        k = numbers.index(int(match[2])) if match else 0
        ins, outs = sizes[k], sizes[k + 1]
        if key[0].lower() == "b":
            shape: tuple[int, ...] = (outs,) if flat else (outs, 1) if in_columns else (1, outs)
        else:
            shape = (outs, ins) if in_columns else (ins, outs)
        drawn[key] = rng.normal(0.1, 0.6, shape)
    return drawn


class TabledLossKind(Kind):
    """loss(params, X, y, reg) -> (loss, grads)."""

    rank = 44

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a function."""
        return find_tabled_loss(value, file.own)

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the function itself, of whose arguments none are drawn by their names."""
        return lambda: thing

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target for each layout."""
        arguments = list_arguments(thing.function)
        for in_columns, flat, classes in itertools.product((False, True), (True, False), (True, False)):
            rng, table = generator(0, 6), draw_layers(thing.keys, in_columns, flat)
            given: dict[str, Any] = {}
            for each, default in arguments.items():
                if each == thing.table:
                    continue
                if each.lower() in LABELS or is_target_name(each):
                    given[each] = rng.integers(0, SIZES[-1], SAMPLES)
                    if not classes:
                        rows = (given[each][:, None] == range(SIZES[-1])) * 1.0
                        given[each] = rows.T if in_columns else rows
                elif each.lower() in FIRST_INPUTS:
                    shape = (SIZES[0], SAMPLES) if in_columns else (SAMPLES, SIZES[0])
                    given[each] = rng.normal(0.2, 1.0, shape)
                else:
                    given[each] = 0.1 if default is ... or "reg" in each.lower() else default
            target = make_tabled_loss(thing, tuple(table), given)
            if not isinstance(call_theirs(lambda t=target, g=given, w=table: float(t.run({**w, **g}))), Failure):  # type: ignore[misc]
                yield target, {**table, **given}

    def fits(self, Y: Array) -> bool:
        """Tell whether an output is one number."""
        return Y.ndim == 0


def make_tabled_loss(thing: TabledLoss, keys: tuple[str, ...], given: Mapping[str, Any]) -> Target:
    """Return the target of such a function; the entries of its dictionary are inputs of their own."""

    def run(flat: Mapping[str, Any]) -> Any:
        table = {key: flat[key] for key in keys}
        return thing.function(**{n: flat[n] for n in given}, **{thing.table: table})

    def backward(dY: Array, **flat: Any) -> Arrays:
        found = run(flat)[1]
        keyed = {n: k for n in keys for k in found if str(k) == n or is_gradient_of(str(k), n)}
        return {n: found[k] for n, k in keyed.items()}

    constants = tuple(n for n in given if hasattr(given[n], "shape"))
    source = find_source(thing.function)
    name = thing.function.__name__
    return Target(name, lambda **flat: first(run(flat)), backward, keys, constants, True, source)


KINDS = (TabledLossKind(),)
