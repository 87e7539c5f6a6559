"""Images as the layers hold them: of shape (S, C, H, W), as in PyTorch, but in memory channels last, (S, H, W, C).

The channels of one place then lie side by side. So batch normalisation is one of rows, a 1×1 convolution one matrix
product, and a pooling moves whole rows of numbers.
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, as_size, check_floating

Pair = tuple[int, int]


def to_channels_last(X: Array) -> Array:
    """Bring (S, C, H, W) to (S, H, W, C), row by row: a view where the array lies so already, else a copy."""
    return np.ascontiguousarray(X.transpose(0, 2, 3, 1))


def from_channels_last(X: Array) -> Array:
    """Return the view (S, C, H, W) of an array (S, H, W, C)."""
    return X.transpose(0, 3, 1, 2)


def check_images(layer: object, X: Array) -> None:
    """Raise ValueError unless X has the four axes of images, TypeError unless it holds floats."""
    check_floating(layer, X)
    if X.ndim != 4:
        raise ValueError(f"{layer!r}: X has shape {X.shape}, but must have shape (S, C, H, W)")


def as_pair(layer: str, name: str, value: int | Pair, least: int) -> Pair:
    """Return the numbers for rows and columns. Raises ValueError unless each is whole and not less than `least`."""
    pair = value if isinstance(value, tuple | list) else (value, value)
    try:
        rows, columns = (as_size(layer, name, size, least) for size in pair)
    except ValueError:
        explanation = f"{layer}: {name} is {value!r}, but must be a whole number from {least} up, or a pair of them"
        raise ValueError(explanation) from None
    return rows, columns
