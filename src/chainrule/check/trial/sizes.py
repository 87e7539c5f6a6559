"""The same inputs in other sizes: more samples, more features, one axis more in front.

What is found at one size may hold there alone: 4 rows make N / 2 a 2, and a mean over 4 a quarter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from chainrule.check.model.problem import Array, Arrays

MORE = 2  # entries along each axis


def add_samples(inputs: Mapping[str, Any], count: int, rng: np.random.Generator) -> Iterator[Arrays]:
    """Yield the inputs with this many samples: of the first array and those of its shape, or of all that have as many.

    Samples stand along the first axis, or else along the last. The forward tells which of them it takes.
    """
    arrays = {name: a for name, a in inputs.items() if isinstance(a, np.ndarray) and a.ndim}
    if not arrays:
        return
    first, X = next(iter(arrays.items()))
    for axis in (0, -1) if X.ndim == 2 else (0,):
        size = X.shape[axis]
        alike = [name for name, a in arrays.items() if a.shape[axis] == size]
        beside = [n for n in alike if n != first and (arrays[n].dtype.kind in "iu" or arrays[n].shape == X.shape)]
        for names in dict.fromkeys(map(tuple, ([first, *beside], alike))):
            yield {**inputs, **{name: stretch(arrays[name], {axis % arrays[name].ndim: count}, rng) for name in names}}


def enlarge(inputs: Mapping[str, Any], rng: np.random.Generator) -> Iterator[Arrays]:
    """Yield the inputs with every size larger, and with one size larger at a time; equal sizes stay equal."""
    arrays = {name: a for name, a in inputs.items() if isinstance(a, np.ndarray) and a.ndim}
    sizes = sorted({size for a in arrays.values() for size in a.shape if size > 1})
    for group in (sizes, *([size] for size in sizes if len(sizes) > 1)):
        larger = {
            name: stretch(a, {axis: n + MORE for axis, n in enumerate(a.shape) if n in group}, rng)
            for name, a in arrays.items()
        }
        yield {**inputs, **larger}


def add_axis(inputs: Mapping[str, Any], rng: np.random.Generator) -> Arrays:
    """Return the inputs with the first array, and those of its shape, twice along a new first axis: other numbers."""
    X = next(a for a in inputs.values() if isinstance(a, np.ndarray))
    alike = {n: a for n, a in inputs.items() if isinstance(a, np.ndarray) and a.shape == X.shape}
    return {**inputs, **{name: np.stack([a, stretch(a, {}, rng)]) for name, a in alike.items()}}


def stretch(array: Array, sizes: Mapping[int, int], rng: np.random.Generator) -> Array:
    """Return an array of the same kind, with other numbers and some axes of other sizes."""
    shape = tuple(sizes.get(axis, size) for axis, size in enumerate(array.shape))
    if array.dtype.kind != "f":
        return rng.choice(array.ravel(), shape)
    if array.ndim > 1 and np.allclose(array.sum(axis=-1), 1) and np.all(array >= 0):
        return _draw_shares(array, shape, rng)
    if array.ndim == 2 and np.allclose(array.sum(axis=0), 1) and np.all(array >= 0):
        return _draw_shares(array.T, shape[::-1], rng).T  # samples stand in columns
    if np.array_equal(array, np.round(array)):
        return rng.choice(array.ravel(), shape)  # a mask, or labels as numbers
    drawn = rng.choice(array.ravel(), shape)
    if np.min(array) > 0:
        return np.asarray(drawn * rng.uniform(0.6, 1.0, shape))
    return np.asarray(drawn + 0.3 * (float(np.std(array)) or 1.0) * rng.standard_normal(shape))


def _draw_shares(array: Array, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return rows that are probabilities, or have a single 1 each."""
    if np.array_equal(array, np.round(array)):
        return np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    powers = np.exp(rng.standard_normal(shape))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
