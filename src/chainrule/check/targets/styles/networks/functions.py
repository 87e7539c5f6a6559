"""Whole networks in functions: forward_propagation(X, parameters) and backward_propagation(…) -> grads.

Parameters may also come one by one, as in forward_prop(W1, b1, W2, b2, X) -> (Z1, A1, Z2, A2).
The parameters are what a function of the file makes, a dictionary or a list of layers. What is differentiated is the
file's own cost; where it has none, the one of the usual losses that explains the gradient of the last layer.
"""

from __future__ import annotations

import inspect
import itertools
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from chainrule.check.model.directions import find_back_words, find_forward_name
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_returned, read_source
from chainrule.check.model.names import (
    FIRST_INPUTS,
    LABELS,
    SETTINGS,
    is_cotangent_name,
    is_gradient_of,
    is_target_name,
)
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.made_parameters import MAKER, SIZES, TABLES, find_global, list_made, name_leaves, nest
from chainrule.check.targets.pair import Pair, find_source
from chainrule.check.targets.styles.networks.costs import COST
from chainrule.check.trial.evidence import weigh
from chainrule.errors import UserError

CACHES = {"cache", "caches", "memory", "activations", "states", "intermediates", "forward_cache", "store"}
LAYERED = re.compile(r"[wb]_?[1-9]", re.IGNORECASE)  # a parameter that comes by itself
WIDTHS = (5, 4, 7, 8)  # of the layers before the last
KEYS = re.compile(r"""\[["']([Wwb]_?[1-9])["']\]""")
USUAL = ("W1", "b1", "W2", "b2")
NUMBERED = re.compile(r"\[\s*(f?['\"]W['\"{]|['\"]W1['\"])")  # of a layer: parameters["W" + str(l)]
OF_SEVERAL = re.compile(r"\.shape\[|\blen\([xXyY]|/ ?m\b|mean\(|sum\(")  # in a backward that takes several samples
NOTHING: Mapping[str, Any] = MappingProxyType({})
MOST_FAILING = 24
SAMPLES = 6
SOLE = {"binary cross-entropy": lambda A, Y, m: -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m,
        "cross-entropy": lambda A, Y, m: -np.sum(Y * np.log(A)) / m,
        "half the mean squared error": lambda A, Y, m: 0.5 * np.sum((A - Y) ** 2) / m,
        "the mean squared error": lambda A, Y, m: np.sum((A - Y) ** 2) / m}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Table:
    """Parameters by their names, and how they lie: as `made` does."""

    arrays: dict[str, Array]
    made: Any

    def collect(self, given: Mapping[str, Any]) -> Any:
        """Return the parameters among inputs as the file's functions take them."""
        return nest(self.made, {name: given[name] for name in self.arrays})

    def name_gradients(self, found: Any, returned: list[str]) -> Arrays:
        """Return what a backward returns by the names of the parameters: by its keys, or else as it is nested."""
        table = found if isinstance(found, Mapping) else dict(zip(returned, found, strict=False))
        keyed = {n: k for n in self.arrays for k in table if str(k) == n or is_gradient_of(str(k), n)}
        if keyed:
            return {n: table[k] for n, k in keyed.items()}
        parts = (list(name_leaves(part, "").values()) for part in (found, *(found if isinstance(found, tuple) else ())))
        return next((dict(zip(self.arrays, part, strict=True)) for part in parts if len(part) == len(self.arrays)), {})


@dataclass(frozen=True)
class Network:
    """The functions of a network: its pair, what makes its parameters, its costs (none: none in the file).

    `table` is the argument that holds all parameters; "" where each of the arguments `own` is one.
    """

    pair: Pair
    table: str
    makers: tuple[Callable[..., Any], ...]
    costs: tuple[Callable[..., Any], ...]
    own: tuple[str, ...] = ()

    def pick_output(self, result: Any) -> Any:
        """Return the output of the last layer: of several values, the first, or the last of those that have names."""
        is_listed = self.own and isinstance(result, tuple) and all(list_returned(self.pair.forward)[-len(result) :])
        return result[-1] if is_listed and isinstance(result[-1], np.ndarray) else first(result)


def find_network(name: str, value: Any, own: Mapping[str, Any]) -> Network | None:
    """Return the network that a backward belongs to, where its forward takes its parameters in a dictionary."""
    if not inspect.isfunction(value) or not find_back_words(name):
        return None
    functions = {n: f for n, f in own.items() if inspect.isfunction(f)}
    plain, variant = (*re.split(r"(?=_with_)", name, maxsplit=1), "")[:2]  # backward_propagation_with_regularization
    forward = functions.get(find_forward_name(name, functions)) or functions.get(find_forward_name(plain, functions))
    if forward is None:
        return None
    arguments = list_arguments(forward)
    table = next((n for n in arguments if n.lower() in TABLES), "")
    makers = tuple(f for n, f in functions.items() if MAKER.search(n) and not find_back_words(n))
    costs = tuple(f for n, f in functions.items() if COST.search(n) and not find_back_words(n) and f is not forward)
    costs = tuple(sorted(costs, key=lambda f: not f.__name__.endswith(variant)))
    if table and (makers or NUMBERED.search(read_source(forward))):
        return Network(Pair(forward, value), table, makers, costs)
    layered = tuple(n for n in arguments if LAYERED.fullmatch(n))
    takes_target = any(is_target_name(n) or n == "Y" for n in list_arguments(value))
    is_spread = len(layered) > 2 and len(arguments) == len(layered) + 1 and takes_target
    return Network(Pair(forward, value), "", (), costs, layered) if is_spread else None


def list_tables(network: Network) -> Iterator[Table]:
    """Yield the parameters that the file makes, of sizes that all differ, drawn anew; else those that it names."""
    if not network.makers:
        keys = dict.fromkeys(KEYS.findall(read_source(network.pair.forward)))
        yield from _list_spread(network.own or tuple(keys) or USUAL)
    for made in list_made(network.makers):
        leaves, rng = name_leaves(made, network.table), generator(0, 5)
        if leaves and all(isinstance(a, np.ndarray) and a.dtype.kind == "f" for a in leaves.values()):
            yield Table({name: rng.normal(0.1, 0.6, a.shape) for name, a in leaves.items()}, made)


def _list_spread(names: tuple[str, ...]) -> Iterator[Table]:
    """Yield parameters of these names, samples in columns or in rows, biases as such or as vectors.

    A cost of one output may be a number for that one alone.
    """
    count = max(int(name[-1]) for name in names)
    ways = itertools.product((SIZES[-1], 1), ((True, False), (False, False), (False, True)))
    for last, (in_columns, is_vector) in ways:
        sizes = (*WIDTHS[:count], last)
        rng, arrays = generator(0, 5), dict[str, Array]()
        for name in names:
            ins, outs = sizes[int(name[-1]) - 1], sizes[int(name[-1])]
            shape: tuple[int, ...] = (outs, ins) if in_columns else (ins, outs)
            if name[0] in "bB":
                shape = (outs,) if is_vector else (outs, 1) if in_columns else (1, outs)
            arrays[name] = rng.normal(0.1, 0.6, shape)
        yield Table(arrays, arrays)


def make_networks(network: Network, is_strict: bool = True) -> Iterator[Made]:
    """Yield the target for each way of laying out data, of giving labels, and for each cost.

    Of the usual costs `is_strict` yields those alone with which a gradient is right.
    """
    for table in list_tables(network):
        ins = next((a.shape for a in table.arrays.values() if a.ndim == 2), ())
        if ins and not OF_SEVERAL.search(read_source(network.pair.backward)):
            one = [
                each for shape in ((ins[1], 1), (1, ins[0])) for each in _list_data(network, table, shape, is_strict)
            ]
            yield from (each for each in one if weigh(*each).point)
        for shape in ((ins[1], SAMPLES), (SAMPLES, ins[0])) if ins else ():
            yield from _list_data(network, table, shape, is_strict)


def _list_data(network: Network, table: Table, shape: tuple[int, ...], is_strict: bool) -> Iterator[Made]:
    """Yield the target for X of a shape, for each way of giving labels, and for each cost."""
    rng = generator(0, 6)
    X = rng.normal(0.2, 1.0, shape)
    A = call_theirs(lambda: network.pick_output(_forward(network, table, {**table.arrays, "X": X})))
    if not isinstance(A, Failure) and getattr(A, "ndim", 0) == 2:
        for Y in _list_labels(A, rng):
            yield from _list_costs(network, table, X, Y, is_strict)


def _list_labels(A: Array, rng: np.random.Generator) -> Iterator[Array]:
    """Yield labels for an output: of classes, one 1 in each column or row as its sums tell, or of 0 and 1.

    What adds up to nothing may be logits, of as many classes as there are entries beside each sample.
    """
    axis = next((k for k in (0, 1) if A.shape[k] > 1 and np.allclose(A.sum(axis=k), 1)), None)
    if axis is None:
        of_two = rng.integers(0, 2, A.shape).astype(float)
        of_two.flat[0], of_two.flat[-1] = 0.0, 1.0  # both, or one half of a cost is never seen
        yield of_two if A.size > 1 else np.full(A.shape, 0.3)
        axis = next((k for k in (1, 0) if A.shape[k] > 1 and A.shape[1 - k] == SAMPLES), None)
    if axis is None:
        return
    rows = np.zeros(A.shape)
    np.put_along_axis(rows, np.expand_dims(rng.integers(0, A.shape[axis], A.shape[1 - axis]), axis), 1.0, axis)
    yield rows
    yield rng.integers(0, A.shape[axis], (A.shape[1 - axis],))


def _list_costs(network: Network, table: Table, X: Array, Y: Array, is_strict: bool) -> Iterator[Made]:
    inputs = {**table.arrays, "X": X, "Y": Y}
    for cost in network.costs:
        made = _make(network, table, lambda A, given, cost=cost: _judge(cost, table, A, given), "")  # type: ignore[misc]
        if not isinstance(call_theirs(lambda made=made: float(made.run(inputs))), Failure):  # type: ignore[misc]
            yield made, inputs
    if network.costs:
        return
    of_classes = Y.ndim == 1 or any(np.allclose(Y.sum(axis=k), 1) for k in (0, 1) if Y.shape[k] > 1)
    usual = sorted(SOLE.items(), key=lambda item: of_classes and item[0] != "cross-entropy")
    for words, cost in usual:
        for m in (float(SAMPLES), 1.0) if SAMPLES in X.shape else (1.0,):
            called = f"the file has no cost, so {words}{'' if m > 1 else ', summed,'} was differentiated"
            made = _make(network, table, lambda A, given, cost=cost, m=m: cost(A, _as_rows(given["Y"], A), m), called)  # type: ignore[misc]
            if not is_strict or weigh(made, inputs).right:
                yield made, inputs


def _as_rows(Y: Array, A: Array) -> Array:
    """Return class numbers as rows, or columns, with a single 1 in each, as the output has them."""
    if Y.ndim > 1:
        return Y
    rows = np.zeros(A.shape)
    axis = 0 if A.shape[1] == len(Y) else 1
    np.put_along_axis(rows, np.expand_dims(Y, axis), 1.0, axis)
    return rows


def _judge(cost: Callable[..., Any], table: Table, A: Any, given: Mapping[str, Any]) -> Any:
    takes = [n for n, default in list_arguments(cost).items() if default is ...]
    return np.squeeze(first(cost(*_hand(takes, given, table, A, None))))


def _forward(network: Network, table: Table, given: Mapping[str, Any]) -> Any:
    takes = [n for n, default in list_arguments(network.pair.forward).items() if default is ...]
    table_or = {network.table: table.collect(given)} if network.table else {n: given[n] for n in network.own}
    forward = network.pair.forward
    said = {n: value for n in takes if n not in table_or and (value := find_global(forward, n)) is not None}
    return forward(*({**table_or, **said}.get(n, given["X"]) for n in takes))


def _hand(
    takes: list[str], given: Mapping[str, Any], table: Table, A: Any, kept: Any, named: Mapping[str, Any] = NOTHING
) -> list[Any]:
    """Return what a function of the network is handed for each of its arguments, by their names.

    `named` are the values of the forward and parameters that come by themselves.
    """
    handed, settings = [], {n: value for n, value in SETTINGS.items() if type(value) is float}
    for name in takes:
        key = name.lower()
        if name in named:
            handed.append(named[name])
        elif key in TABLES:
            handed.append(table.collect(given))
        elif key in CACHES or "cache" in key:
            handed.append(kept)
        elif key in LABELS | {"labels", "y_train"} or any(w in key for w in ("true", "target", "label")):
            handed.append(given["Y"])
        elif key in settings:
            handed.append(settings[key])
        elif key in FIRST_INPUTS - {"a", "a_prev", "z", "preds", "scores", "logits"}:
            handed.append(given["X"])
        else:
            handed.append(A)
    return handed


def _make(network: Network, table: Table, cost: Callable[[Any, Mapping[str, Any]], Any], called: str) -> Target:
    backward = network.pair.backward

    def pull(dY: Array, **given: Any) -> Arrays:
        result = _forward(network, table, given)
        kept = result[1:] if isinstance(result, tuple) else ()
        takes = [n for n, default in list_arguments(backward).items() if default is ...]
        defaults = {n: value for n, value in list_arguments(network.pair.forward).items() if value is not ...}
        said = {n: value for n in takes if (value := find_global(backward, n)) is not None}
        named = {**said, **defaults, **{n: given[n] for n in network.own}}
        if network.own and isinstance(result, tuple):
            named |= {n: value for n, value in zip(list_returned(network.pair.forward), result, strict=False) if n}
        handed = _hand(takes, given, table, network.pick_output(result), kept[0] if len(kept) == 1 else kept, named)
        return table.name_gradients(backward(*handed), list_returned(backward))

    def forward(**given: Any) -> Array:
        return np.asarray(cost(network.pick_output(_forward(network, table, given)), given))

    source = find_source(backward)
    return Target(backward.__name__, forward, pull, tuple(table.arrays), ("X", "Y"), True, source, called=called)


def _find_progress(target: Target, inputs: Arrays) -> float:
    """Return the line at which a backward fails; more than any where it does not."""
    found = call_theirs(lambda: target.gradients(np.ones(()), inputs))
    if not isinstance(found, Failure):
        return float("inf")
    frames = traceback.extract_tb(found.error.__traceback__)
    return max((frame.lineno or 0 for frame in frames if frame.name == target.name), default=0)


class NetworkKind(Kind):
    """forward_propagation(X, parameters) and backward_propagation(…) -> grads."""

    rank = 45

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the network that a function of such a name belongs to."""
        takes = list(list_arguments(value)) if callable(value) else []
        # backward(dZ2, cache) of any two layers
        is_pulled = len(takes) > 1 and is_cotangent_name(takes[0]) and not any(map(is_target_name, takes))
        return None if is_pulled else find_network(name, value, file.own)

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return a function without arguments: the file's own functions make the parameters."""
        return lambda: thing

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target in each way; raise UserError where there is none."""
        found = make_networks(thing)
        if (made := next(found, None)) is not None:
            yield from itertools.chain([made], found)
            return
        failing = list(itertools.islice(make_networks(thing, is_strict=False), MOST_FAILING))
        if failing:  # the one with which backward comes farthest: what stops the others may be how they are called
            yield max(failing, key=lambda each: _find_progress(*each))
        else:
            raise UserError(
                f"{name or thing.pair.backward.__name__}: no parameters, data and cost were found with which "
                f"{thing.pair.forward.__name__} and it run; "
                "give the file a function that makes the parameters, and a cost"
            )


KINDS = (NetworkKind(),)
