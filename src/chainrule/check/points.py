"""Where a backward is tried: the inputs as given, and others that the forward accepts too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from chainrule.check.problem import Arrays
from chainrule.check.target import Target, generator

NUDGE = 0.01  # relative; a kink is left behind with it


def list_points(target: Target, inputs: Arrays, names: Sequence[str], seed: int) -> Iterator[tuple[str, Arrays]]:
    """Yield points in words and inputs: entries of the same sign and of the other, and a batch of one.

    Only the inputs `names` are moved. Points at which the forward raises or is not finite are left out.
    """
    rng = generator(seed)
    yield "", inputs
    moved = {
        "at other values": {name: inputs[name] * rng.uniform(0.5, 1.5, inputs[name].shape) for name in names},
        "with other signs": {name: inputs[name] * rng.choice((-1.2, 0.9), inputs[name].shape) for name in names},
        "in a batch of one": _first_sample(inputs),
    }
    for words, change in moved.items():
        if change and accepts(target, {**inputs, **change}):
            yield words, {**inputs, **change}


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


def _first_sample(inputs: Arrays) -> Arrays:
    arrays = {name: array for name, array in inputs.items() if isinstance(array, np.ndarray) and array.ndim}
    size = next((array.shape[0] for array in arrays.values()), 1)
    return {name: array[:1] for name, array in arrays.items() if array.shape[0] == size} if size > 1 else {}
