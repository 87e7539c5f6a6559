"""Whole networks in functions: forward_propagation(X, parameters) and backward_propagation(…) -> grads.

The parameters are a dictionary that a function of the file makes. What is differentiated is the file's own cost; where
it has none, the one of the usual losses that explains the gradient of the last layer.
"""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.check.model.directions import find_back_words, find_forward_name
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_returned
from chainrule.check.model.names import FIRST_INPUTS, LABELS, is_cotangent_name, is_gradient_of
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, generator
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import Pair, find_source
from chainrule.check.trial.evidence import weigh
from chainrule.errors import UserError

TABLES = {"parameters", "params", "param", "weights", "theta", "model", "network", "net", "w"}
CACHES = {"cache", "caches", "memory", "activations", "states", "intermediates", "forward_cache", "store"}
MAKER = re.compile(r"init|create_param|make_param", re.IGNORECASE)
NUMBERED = re.compile(r"\[\s*(f?['\"]W['\"{]|['\"]W1['\"])")  # of a layer: parameters["W" + str(l)]
COST = re.compile(r"cost|loss|error|entropy|mse|objective", re.IGNORECASE)
SIZES = (5, 4, 3)  # features in, hidden, out
SAMPLES = 6
SOLE = {"binary cross-entropy": lambda A, Y, m: -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m,
        "cross-entropy": lambda A, Y, m: -np.sum(Y * np.log(A)) / m,
        "half the mean squared error": lambda A, Y, m: 0.5 * np.sum((A - Y) ** 2) / m,
        "the mean squared error": lambda A, Y, m: np.sum((A - Y) ** 2) / m}  # fmt: skip


@dataclass(frozen=True)
class Network:
    """The functions of a network: its pair, what makes its parameters, its cost (None: none in the file)."""

    pair: Pair
    table: str
    makers: tuple[Callable[..., Any], ...]
    costs: tuple[Callable[..., Any], ...]


def find_network(name: str, value: Any, own: Mapping[str, Any]) -> Network | None:
    """Return the network that a backward belongs to, where its forward takes its parameters in a dictionary."""
    if not inspect.isfunction(value) or not find_back_words(name):
        return None
    functions = {n: f for n, f in own.items() if inspect.isfunction(f)}
    forward = functions.get(find_forward_name(name, functions))
    if forward is None:
        return None
    table = next((n for n in list_arguments(forward) if n.lower() in TABLES), "")
    makers = tuple(f for n, f in functions.items() if MAKER.search(n) and not find_back_words(n))
    costs = tuple(f for n, f in functions.items() if COST.search(n) and not find_back_words(n) and f is not forward)
    return (
        Network(Pair(forward, value), table, makers, costs)
        if table and (makers or NUMBERED.search(_read(forward)))
        else None
    )


def _read(function: Callable[..., Any]) -> str:
    text = call_theirs(lambda: inspect.getsource(function))
    return text if isinstance(text, str) else ""


def list_tables(network: Network) -> Iterator[dict[str, Array]]:
    """Yield the parameters that the file makes, of sizes that all differ, drawn anew; else those of two layers."""
    for in_columns in (True, False) if not network.makers else ():
        rng, usual = generator(0, 5), dict[str, Array]()
        for k, (ins, outs) in enumerate(itertools.pairwise(SIZES), 1):
            usual[f"W{k}"] = rng.normal(0.1, 0.6, (outs, ins) if in_columns else (ins, outs))
            usual[f"b{k}"] = rng.normal(0.1, 0.6, (outs, 1) if in_columns else (1, outs))
        yield usual
    for maker in network.makers:
        takes = [n for n, default in list_arguments(maker).items() if default is ...]
        given: list[list[Any]] = [[]]
        if len(takes) == 1:
            given = [[list(SIZES)], [list(SIZES[:2])]]  # the sizes of all layers
        elif takes:
            given = [[SIZES[0], SIZES[-1]] if len(takes) == 2 else list(SIZES[: len(takes)])]
        for arguments in given:
            made = call_theirs(lambda maker=maker, arguments=arguments: maker(*arguments))  # type: ignore[misc]
            if isinstance(made, Mapping) and made and all(isinstance(a, np.ndarray) for a in made.values()):
                rng = generator(0, 5)
                yield {str(key): rng.normal(0.1, 0.6, a.shape) for key, a in made.items()}


def make_networks(network: Network) -> Iterator[Made]:
    """Yield the target for each way of laying out data, of giving labels, and for each cost."""
    rng = generator(0, 6)
    for table in list_tables(network):
        ins = next(iter(table.values())).shape
        shapes = [(ins[1], SAMPLES), (SAMPLES, ins[0])] if len(ins) == 2 else []
        for shape in shapes:
            X = rng.normal(0.2, 1.0, shape)
            A = call_theirs(lambda table=table, X=X: first(_forward(network, X, table)))  # type: ignore[misc]
            if isinstance(A, Failure) or getattr(A, "ndim", 0) != 2:
                continue
            for Y in _list_labels(A, rng):
                yield from _list_costs(network, table, X, Y)


def _list_labels(A: Array, rng: np.random.Generator) -> Iterator[Array]:
    """Yield labels for an output: of classes, one 1 in each column or row as its sums tell, or of 0 and 1."""
    axis = next((k for k in (0, 1) if A.shape[k] > 1 and np.allclose(A.sum(axis=k), 1)), None)
    if axis is None:
        yield rng.integers(0, 2, A.shape).astype(float)
        return
    rows = np.zeros(A.shape)
    np.put_along_axis(rows, np.expand_dims(rng.integers(0, A.shape[axis], A.shape[1 - axis]), axis), 1.0, axis)
    yield rows
    yield rng.integers(0, A.shape[axis], (A.shape[1 - axis],))


def _list_costs(network: Network, table: dict[str, Array], X: Array, Y: Array) -> Iterator[Made]:
    inputs = {**table, "X": X, "Y": Y}
    for cost in network.costs:
        made = _make(network, list(table), lambda A, given, cost=cost: _judge(cost, network, A, given), "")  # type: ignore[misc]
        if not isinstance(call_theirs(lambda made=made: float(made.run(inputs))), Failure):  # type: ignore[misc]
            yield made, inputs
    if network.costs:
        return
    for words, cost in SOLE.items():
        for m in (float(SAMPLES), 1.0):
            called = f"the file has no cost, so {words}{'' if m > 1 else ', summed,'} was differentiated"
            made = _make(network, list(table), lambda A, given, cost=cost, m=m: cost(A, given["Y"], m), called)  # type: ignore[misc]
            if Y.ndim == 2 and weigh(made, inputs).right:
                yield made, inputs


def _judge(cost: Callable[..., Any], network: Network, A: Any, given: Mapping[str, Any]) -> Any:
    table = {n: a for n, a in given.items() if n not in ("X", "Y")}
    takes = [n for n, default in list_arguments(cost).items() if default is ...]
    return np.squeeze(first(cost(*_hand(takes, given, table, A, None, None))))


def _forward(network: Network, X: Array, table: Mapping[str, Array]) -> Any:
    takes = [n for n, default in list_arguments(network.pair.forward).items() if default is ...]
    return network.pair.forward(*(dict(table) if n == network.table else X for n in takes))


def _hand(
    takes: list[str], given: Mapping[str, Any], table: Mapping[str, Any], A: Any, kept: Any, dY: Any
) -> list[Any]:
    """Return what a function of the network is handed for each of its arguments, by their names."""
    handed = []
    for name in takes:
        key = name.lower()
        if key in TABLES:
            handed.append(dict(table))
        elif key in CACHES or "cache" in key:
            handed.append(kept)
        elif key in LABELS | {"labels", "y_train"} or any(w in key for w in ("true", "target", "label")):
            handed.append(given["Y"])
        elif key in FIRST_INPUTS - {"a", "a_prev", "z", "preds", "scores", "logits"}:
            handed.append(given["X"])
        else:
            handed.append(A)
    return handed


def _make(network: Network, own: list[str], cost: Callable[[Any, Mapping[str, Any]], Any], called: str) -> Target:
    backward = network.pair.backward

    def run(given: Mapping[str, Any]) -> Any:
        return _forward(network, given["X"], {n: given[n] for n in own})

    def pull(dY: Array, **given: Any) -> Arrays:
        result = run(given)
        kept = result[1:] if isinstance(result, tuple) else ()
        takes = [n for n, default in list_arguments(backward).items() if default is ...]
        table = {n: given[n] for n in own}
        handed = _hand(takes, given, table, first(result), kept[0] if len(kept) == 1 else kept, dY)
        found = backward(*handed)
        if not isinstance(found, Mapping):
            found = dict(zip(list_returned(backward), found, strict=False))
        keyed = {n: k for n in own for k in found if str(k) == n or is_gradient_of(str(k), n)}
        return {n: found[k] for n, k in keyed.items()}

    def forward(**given: Any) -> Array:
        return np.asarray(cost(first(run(given)), given))

    source = find_source(backward)
    return Target(backward.__name__, forward, pull, tuple(own), ("X", "Y"), True, source, called=called)


class NetworkKind(Kind):
    """forward_propagation(X, parameters) and backward_propagation(…) -> grads."""

    rank = 45

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the network that a function of such a name belongs to."""
        takes = list(list_arguments(value)) if callable(value) else []
        is_pulled = len(takes) == 2 and is_cotangent_name(takes[0])  # backward(dZ2, cache) of any two layers
        return None if is_pulled else find_network(name, value, file.own)

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return a function without arguments: the file's own functions make the parameters."""
        return lambda: thing

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target in each way; raise UserError where there is none."""
        count = 0
        for each in make_networks(thing):
            count += 1
            yield each
        if not count:
            raise UserError(
                f"{name or thing.pair.backward.__name__}: no parameters, data and cost were found with which "
                f"{thing.pair.forward.__name__} and it run; "
                "give the file a function that makes the parameters, and a cost"
            )


KINDS = (NetworkKind(),)
