"""How generated code reads and adds at places; it carries a copy of this source, so that it needs NumPy alone."""

from typing import Any

import numpy as np


def shifted(array: Any, rows: Any, sizes: Any) -> Any:
    """A view of `array` at shifted places, zero outside.

    Each of `rows` is (start, steps) for one axis: the place start + sum of steps times new indices. The view has an
    axis for each of `sizes`.
    """
    extremes = [
        [start + sum(pick(step * (n - 1), 0) for step, n in zip(steps, sizes, strict=True)) for pick in (min, max)]
        for start, steps in rows
    ]
    pads = [(max(0, -low), max(0, high - n + 1)) for (low, high), n in zip(extremes, array.shape, strict=True)]
    padded = np.pad(array, pads)
    corner = padded[tuple(slice(start + pad, None) for (start, _), (pad, _) in zip(rows, pads, strict=True))]
    strides = [
        sum(steps[k] * stride for (_, steps), stride in zip(rows, padded.strides, strict=True))
        for k in range(len(sizes))
    ]
    return np.lib.stride_tricks.as_strided(corner, sizes, strides, writeable=False)


def picked(array: Any, places: Any) -> Any:
    """The elements of `array` at whole-number places, one array of them for each axis; 0 outside."""
    inside = [(place >= 0) & (place < extent) for place, extent in zip(places, array.shape, strict=True)]
    clipped = [np.clip(place, 0, extent - 1) for place, extent in zip(places, array.shape, strict=True)]
    return np.where(np.logical_and.reduce(np.broadcast_arrays(*inside)), array[tuple(clipped)], 0).astype(array.dtype)


def scattered(values: Any, places: Any, shape: Any) -> Any:
    """Zeros of this shape to which `values` are added at places along the first axes; equal places add up."""
    lead = values.shape[: values.ndim + len(places) - len(shape)]
    rows, inside = np.zeros(lead, dtype=int), np.ones(lead, dtype=bool)
    for place, extent in zip(places, shape, strict=False):
        rows = rows * extent + place
        inside = inside & (place >= 0) & (place < extent)
    rest = int(np.prod(shape[len(places) :]))
    total = np.zeros(int(np.prod(shape)), dtype=values.dtype)
    np.add.at(total, (rows[inside][:, None] * rest + np.arange(rest)).ravel(), values[inside].ravel())
    return total.reshape(shape)
