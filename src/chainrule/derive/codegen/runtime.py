"""What generated code calls; it carries a copy of this source, so that it needs NumPy alone."""

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


def logdet(matrix: Any) -> Any:
    """The logarithm of a determinant, which itself may overflow; nan where it is not positive."""
    sign, value = np.linalg.slogdet(matrix)
    return np.where(sign > 0, value, np.nan)[()]
