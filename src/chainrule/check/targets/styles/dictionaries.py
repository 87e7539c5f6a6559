"""Functions whose parameters come in a dictionary: lstm_cell_forward(xt, a_prev, c_prev, parameters), and its backward.

Each entry is an input of its own, `parameters.Wf`. Their shapes are found by trying what such names usually mean.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from chainrule.check.model.literals import list_returned, read_source
from chainrule.check.model.names import is_gradient_of
from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import generator
from chainrule.check.targets.cached_functions import make_cached
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.made_parameters import TABLES
from chainrule.check.targets.pair import Pair, find_pair, find_source
from chainrule.check.targets.styles.function_pairs import find_named_pair

STATE = re.compile(r"prev|h0|c0|state|hidden|cell|^h|^a_|^c_", re.IGNORECASE)
FEATURES, UNITS, OUTPUTS, SAMPLES = 5, 3, 2, 4
LAYERED = re.compile(r"[WwbB][a-z]*_?[1-5]$")
WIDTHS = (5, 7, 3, 6, 2, 4)  # of layers behind one another
SIZES = {"x": FEATURES, "i": FEATURES, "a": UNITS, "h": UNITS, "c": UNITS, "y": OUTPUTS, "o": OUTPUTS}


@dataclass(frozen=True)
class Tabled:
    """A pair whose forward takes the dictionary `table` with these keys."""

    pair: Pair
    table: str
    keys: tuple[str, ...]

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of the forward, with the entries of the dictionary in its place."""
        own = list_arguments(self.pair.forward)
        entries = {f"{self.table}.{key}": ... for key in self.keys}
        return {k: v for n, d in own.items() for k, v in (entries.items() if n == self.table else [(n, d)])}


def find_tabled(name: str, value: Any, file: Namespace) -> Tabled | None:
    """Return the pair of a backward whose forward takes a dictionary and reads named entries of it."""
    pair = find_pair(name, value, file.own) or find_named_pair(name, value, file.own)
    if pair is None:
        return None
    text = read_source(pair.forward)
    named = [n for n, default in list_arguments(pair.forward).items() if default is ... and n.lower() in TABLES | {"p"}]
    read = {n: tuple(dict.fromkeys(re.findall(rf"\b{n}\[['\"](\w+)['\"]\]", text))) for n in named}
    return next((Tabled(pair, n, keys) for n, keys in read.items() if keys), None)


def _draw_layers(thing: Tabled) -> Iterator[dict[str, Any]]:
    """Yield inputs of layers behind one another, W1, b1, W2, b2, samples in rows or in columns."""
    free = [name for name, default in thing.arguments.items() if default is ... and "." not in name]
    if not all(LAYERED.match(key) for key in thing.keys) or len(free) != 1:
        return
    for in_rows, flat in itertools.product((True, False), (True, False)):
        rng = generator(0, 7)
        drawn = {n: rng.normal(0.1, 0.8, (SAMPLES, FEATURES) if in_rows else (FEATURES, SAMPLES)) for n in free}
        for key in thing.keys:
            layer = int(key[-1])
            shape: tuple[int, ...] = (WIDTHS[layer - 1], WIDTHS[layer])
            if key[0] in "bB":
                shape = shape[1:] if flat else (1, shape[1])
            drawn[f"{thing.table}.{key}"] = rng.normal(0.1, 0.8, shape if in_rows or len(shape) == 1 else shape[::-1])
        yield {name: drawn[name] if default is ... else default for name, default in thing.arguments.items()}


def draw_tabled(thing: Tabled) -> Iterator[dict[str, Any]]:
    """Yield inputs of the shapes that names of cells and layers usually mean, samples in columns or in rows."""
    yield from _draw_layers(thing)
    for in_columns, joined, flat in itertools.product((True, False), (True, False), (False, True)):
        rng = generator(0, 7)
        drawn: dict[str, Any] = {}
        for name, default in thing.arguments.items():
            table, _, key = name.rpartition(".")
            if default is not ...:
                drawn[name] = default
                continue
            shape = _shape_entry(key, joined) if table else (UNITS if STATE.search(name) else FEATURES, SAMPLES)
            if len(shape) == 1:
                shape = shape if flat else (shape[0], 1) if in_columns else (1, shape[0])
            else:
                shape = shape if in_columns else shape[::-1]
            drawn[name] = rng.normal(0.1, 0.8, shape)
        yield drawn


def _shape_entry(key: str, joined: bool) -> tuple[int, ...]:
    """Return the shape of an entry as a matrix from the right, or of a bias: Wax, Wf, Uf, Wy, bf, by, W, b, gamma."""
    kind, rest = key[0].lower(), key[1:].strip("_").lower()
    if kind == "b" or key.lower() in ("gamma", "beta"):
        return (OUTPUTS if rest == "y" else UNITS,)
    if len(rest) == 2 and all(letter in SIZES for letter in rest):
        return SIZES[rest[0]], SIZES[rest[1]]
    if rest == "y":
        return OUTPUTS, UNITS
    if not rest:
        return (UNITS, UNITS) if kind in "ur" else (UNITS, FEATURES)
    return (UNITS, UNITS + FEATURES) if joined else (UNITS, UNITS if kind in "ur" else FEATURES)


def make_tabled(thing: Tabled, inputs: Mapping[str, Any]) -> Any:
    """Return the target of a pair whose entries are inputs of their own."""

    def collect(flat: Mapping[str, Any]) -> dict[str, Any]:
        own = {n: a for n, a in flat.items() if "." not in n}
        table = {n.rpartition(".")[2]: a for n, a in flat.items() if "." in n}
        return {n: table if n == thing.table else own[n] for n in list_arguments(thing.pair.forward)}

    takes = list_arguments(thing.pair.backward)
    takes_table = thing.table in takes

    def forward(**flat: Any) -> Any:
        given = collect(flat)
        result = thing.pair.forward(**given)
        return (*result[:-1], (result[-1], given[thing.table])) if takes_table else result

    @functools.wraps(thing.pair.backward)
    def backward(*received: Any) -> Arrays:
        if takes_table:
            *cotangents, (kept, table) = received
            others = iter([*cotangents, kept])
            received = tuple(table if name == thing.table else next(others) for name in takes)
        found = thing.pair.backward(*received)
        if isinstance(found, tuple | list):
            plain = [n for n in inputs if "." not in n]  # what an expression is the gradient of, its place tells
            names = [each or plain[k] if k < len(plain) else each for k, each in enumerate(list_returned(backward))]
            parts = zip(names, found, strict=False)
            spread = [each.items() if isinstance(each, Mapping) else [(n, each)] for n, each in parts]
            found = {key: gradient for pairs in spread for key, gradient in pairs}
        named = {n: k for n in inputs for k in found if is_gradient_of(str(k), n.rpartition(".")[2])}
        same = {n: key for n in inputs if (key := n.rpartition(".")[2]) in found}
        return {n: found[k] for n, k in {**same, **named}.items()}

    own = inspect.signature(thing.pair.backward)
    left = [p for name, p in own.parameters.items() if name != thing.table]
    backward.__signature__ = own.replace(parameters=left)  # type: ignore[attr-defined]
    target = make_cached(forward, backward, inputs)
    is_network = sum(LAYERED.match(key) is not None for key in thing.keys) > 2  # whose own dx nobody needs
    required = tuple(n for n in inputs if "." in n or not is_network)
    return replace(target, required=required, source=find_source(thing.pair.forward))


class DictionaryPairKind(Kind):
    """A pair whose forward takes its parameters in a dictionary."""

    rank = 46

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a pair."""
        return find_tabled(name, value, file)

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the forward."""
        forward: Callable[..., Any] = thing.pair.forward
        return forward

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the arguments, with the entries of the dictionary in its place."""
        arguments: dict[str, Any] = thing.arguments
        return arguments

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target at the inputs that were drawn, and at inputs of the shapes that names usually mean."""
        for drawn in (*draw_tabled(thing), inputs):
            yield make_tabled(thing, drawn), drawn


KINDS = (DictionaryPairKind(),)
