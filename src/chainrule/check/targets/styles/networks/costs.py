"""The losses that networks are trained with: those of their own files, and the usual ones, as sums over samples."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.check.model.directions import find_back_words
from chainrule.check.model.names import is_target_name
from chainrule.check.model.problem import Array
from chainrule.check.targets.cached_functions import first
from chainrule.check.targets.kinds import list_required

COST = re.compile(
    r"cost|loss|error|entropy|mse|objective|koszt|strat[ay]|kosten|verlust|fehler|co[uû]t\b|perte|erreur|costo|coste|"
    r"p[eé]rdida|custo|perda|erro\b|ошибк|потер|损失|代价|損失|誤差",  # in other languages too
    re.IGNORECASE,
)
Cost = Callable[[Array, Array], Array]


def _log_softmax(a: Array) -> Array:
    moved = a - a.max(axis=-1, keepdims=True).real
    return np.asarray(moved - np.log(np.sum(np.exp(moved), axis=-1, keepdims=True)))


def _log(a: Array) -> Array:
    """Return the logarithm, which stays finite at 0: what nobody wrote shall not overflow."""
    return np.asarray(np.log(np.where(np.real(a) > 0, a, 1e-300)))


COSTS: dict[str, Cost] = {
    "½ ‖a − y‖²": lambda a, y: 0.5 * np.sum((a - y) ** 2),
    "‖a − y‖²": lambda a, y: np.sum((a - y) ** 2),
    "binary cross-entropy": lambda a, y: -np.sum(y * _log(a) + (1 - y) * _log(1 - a)),
    "cross-entropy": lambda a, y: -np.sum(y * _log(a)),
}
OF_LOGITS: dict[str, Cost] = {"cross-entropy of softmax(a)": lambda a, y: -np.sum(y * _log_softmax(a))}


def list_scaled(axis: int) -> Iterator[tuple[str, Cost]]:
    """Yield the usual losses of an output and its target: summed, and as means over samples, and over all entries.

    axis: along which samples stand in the output. Targets that are class numbers become rows with a single 1.
    """
    scales: dict[str, Callable[[Array], int]] = {
        "summed": lambda a: 1,
        "its mean over samples": lambda a: a.shape[axis],
        "its mean": lambda a: a.size,
    }
    for words, cost in (COSTS | OF_LOGITS).items():
        for over, count in scales.items():
            yield (
                f"{words}, {over},",
                lambda a, y, cost=cost, count=count: cost(a, open_classes(y, a)) / count(a),  # type: ignore[misc]
            )


def open_classes(y: Array, a: Array) -> Array:
    """Return class numbers as rows with a single 1, of the shape of an output; anything else as it is."""
    is_number = np.ndim(a) == 2 and np.shape(y) == np.shape(a)[:1] and np.asarray(y).dtype.kind in "iu"
    return np.eye(np.shape(a)[1])[np.asarray(y)] if is_number else y


@dataclass(frozen=True)
class Loss:
    """A loss that a network may be trained with: words for it, and its value at (object, x, output, target)."""

    words: str
    value: Callable[[Any, Any, Any, Any], Any]
    name: str = ""  # of the person's own


def list_own_losses(thing: Any, x: str) -> Iterator[Loss]:
    """Yield the losses among the methods of an object, and among the functions of its file."""
    module = vars(sys.modules.get(type(thing).__module__, object))
    functions = {n: f for n, f in module.items() if getattr(f, "__module__", "") == type(thing).__module__}
    methods = {n: getattr(type(thing), n) for n in dir(type(thing)) if not n.startswith("__")}
    for name, function in {**functions, **methods}.items():
        if not inspect.isfunction(function) or not COST.search(name) or find_back_words(name):
            continue
        takes = list_required(function)
        targets = [n for n in takes if is_target_name(n)]
        if len(takes) > 2 or len(targets) != 1:
            continue
        other = next((n for n in takes if n not in targets), "")

        def value(
            fresh: Any, X: Any, a: Any, y: Any, name: str = name, of: tuple[str, str] = (targets[0], other)
        ) -> Any:
            own = getattr(fresh, name) if name in methods else functions[name]
            given = {of[1]: X if of[1].lower() == x.lower() else a} if of[1] else {}  # else of what the object keeps
            return first(own(**{of[0]: y}, **given))

        yield Loss(f"its own {name}", value, name)
