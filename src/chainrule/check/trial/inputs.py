"""Where a backward is tried: the inputs as given, and others that the forward accepts too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chainrule.check.model.problem import Arrays
from chainrule.check.model.target import Target, generator

NUDGE = 0.01  # relative; a kink is left behind with it


def list_points(target: Target, inputs: Arrays, names: Sequence[str], seed: int) -> Iterator[tuple[str, Arrays]]:
    """Yield points in words and inputs: other values, signs and labels, other shapes and strides, a batch of one.

    Only the inputs `names` are moved. Points at which the forward raises or is not finite are left out.
    """
    rng = generator(seed)
    yield "", inputs
    moved = {
        "at other values": {name: inputs[name] * rng.uniform(0.5, 1.5, inputs[name].shape) for name in names},
        "with other signs": {name: inputs[name] * rng.choice((-1.2, 0.9), inputs[name].shape) for name in names},
        "in a batch of one": _first_sample(target, inputs),
        "with labels of one class": {n: np.full_like(a, a.max()) for n, a in inputs.items() if _are_labels(a)},
        **_shapes(target, inputs),
        **dict(_strides(inputs)),
    }
    for words, change in moved.items():
        if change and accepts(target, {**inputs, **change}):
            yield words, {**inputs, **change}


def _first_sample(target: Target, inputs: Arrays) -> Arrays:
    """Return the inputs of the first sample: X and targets cut, and what else must be for the forward to run.

    A parameter may have as many rows as there are samples, so the output tells whether enough was cut.
    """
    arrays = {name: array for name, array in inputs.items() if isinstance(array, np.ndarray) and array.ndim}
    first, size = next(((name, len(array)) for name, array in arrays.items()), ("", 1))
    if size < 2:
        return {}
    cut = {name: array[:1] for name, array in arrays.items() if len(array) == size}
    few = {name: array for name, array in cut.items() if name == first or name in target.constants}
    if accepts(target, {**inputs, **few}) and target.run({**inputs, **few}).shape[:1] == (1,):
        return few
    return cut


def _shapes(target: Target, inputs: Arrays) -> dict[str, Arrays]:
    """Return the first input, an image or a sequence, in other sizes: windows then end elsewhere."""
    name, X = next(((n, a) for n, a in inputs.items() if isinstance(a, np.ndarray)), ("", np.zeros(0)))
    if X.ndim < 3:
        return {}
    points = {"with a row and a column less": X[..., :-1, :-1]} if min(X.shape[-2:]) > 2 else {}
    shape, narrow = target.run(inputs).shape, X[..., :1]
    if accepts(target, {**inputs, name: narrow}) and target.run({**inputs, name: narrow}).shape != shape:
        points["with one column"] = narrow
    return {words: {name: array} for words, array in points.items()}


def _strides(inputs: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield settings with strides at which windows overlap, or do not divide the image."""
    for name, value in inputs.items():
        held = value.get("stride") if isinstance(value, Mapping) else value if name == "stride" else None
        for stride in {1, 2, 3} - {held} if isinstance(held, int) else ():
            yield f"with stride {stride}", {name: {**value, "stride": stride} if isinstance(value, Mapping) else stride}


def _are_labels(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.dtype.kind in "iu" and array.size > 1


def accepts(target: Target, inputs: Arrays) -> bool:
    """Tell whether the forward runs here, to finite numbers."""
    try:
        Y = target.run(inputs)
    except Exception:  # a person's code refuses an input in any way it likes
        return False
    return Y.size > 0 and Y.dtype.kind == "f" and bool(np.isfinite(Y).all())


def nudge(inputs: Arrays, names: Sequence[str], seed: int) -> Arrays:
    """Return the inputs with the named ones moved a little, off kinks and ties."""
    rng = generator(seed)
    return {**inputs, **{name: inputs[name] + NUDGE * _spread(inputs[name], rng) for name in names}}


def _spread(X: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (float(np.max(np.abs(X), initial=0)) or 1.0) * rng.uniform(0.2, 1, X.shape) * rng.choice((-1, 1), X.shape)
