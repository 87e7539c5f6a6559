"""The losses that networks are trained with, as sums over samples, for those whose own loss is nowhere written."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from chainrule.check.model.problem import Array

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
