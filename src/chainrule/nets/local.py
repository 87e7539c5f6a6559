"""Initial weights that each look at one place of the image, for a network that takes the pixels as one vector."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

REACH = 1 / 8  # of the image's longer side: the deviation of a unit's window


def draw_local_weights(units: int, image: Sequence[int], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return weights (units, C H W) for the images (C, H, W): smooth noise under a window about a place of its own.

    W[o,c,p] = a[o] n[o,c,p] exp(−|p − q[o]|² / 2r²), where the places q are uniform over the image, r = max(H, W) / 8,
    n is normal noise, of which each pixel and its neighbours are averaged with weights 1/4, 1/2, 1/4 both ways, and a
    makes each unit's |W[o]|² what PyTorch's default makes it in the mean, 1/3. All weights are free to change: where
    they start is all that neighbouring pixels have in common.
    """
    channels, height, width = image
    noise = _smooth(_smooth(rng.normal(size=(units, channels, height, width)), 2), 3)
    radius = REACH * max(height, width)
    down, right = (
        _window(size, rng.uniform(0, size, units), radius)  # exp(−|p − q|²) is a product of two
        for size in (height, width)
    )
    weights = noise * (down[:, None, :, None] * right[:, None, None, :])
    flat = weights.reshape(units, -1)
    return flat * (math.sqrt(1 / 3) / np.linalg.norm(flat, axis=1, keepdims=True))


def _smooth(noise: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Average each pixel with its neighbours along an axis; the edge is repeated."""
    ends = [(0, 0)] * noise.ndim
    ends[axis] = (1, 1)
    padded = np.moveaxis(np.pad(noise, ends, mode="edge"), axis, 0)
    return np.moveaxis((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4, 0, axis)


def _window(size: int, place: NDArray[np.float64], radius: float) -> NDArray[np.float64]:
    """Return exp(−(p − q)² / 2r²) for the middles p of the pixels of a side and all places q: (units, size)."""
    middles = np.arange(size) + 0.5
    return np.exp(-((middles - place[:, None]) ** 2) / (2 * radius**2))
