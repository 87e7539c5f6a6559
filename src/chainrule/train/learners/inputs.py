"""From the pixels of a batch to the numbers that a network sees: `X = (pixels - shift) * scale`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from chainrule.data import Split, channel_statistics, mean_image
from chainrule.train.records.checkpoint import Checkpoint


@dataclass(frozen=True, eq=False)
class Inputs:
    """A shift and a scale for the flattened pixels (M) of each image, each left out where it is None."""

    shift: NDArray[Any] | None
    scale: NDArray[Any] | None

    def write(self, images: NDArray[np.uint8], out: NDArray[Any]) -> NDArray[Any]:
        """Write the inputs of uint8 images (B, C, H, W) into `out`, (B, M), and return it."""
        np.copyto(out, images.reshape(len(images), -1))
        if self.shift is not None:
            out -= self.shift
        if self.scale is not None:
            out *= self.scale
        return out


def prepare_inputs(kind: str, train: Split, dtype: DTypeLike) -> Inputs:
    """Measure the training images and return the inputs that a config names; the characters of text stay what they are.

    "mean-image": minus the mean image. "standardised": mean 0 and standard deviation 1 in each channel. "unit": 0..1.
    """
    if train.labels.ndim > 1:
        return Inputs(None, None)
    size = train.images[0].size
    if kind == "mean-image":
        return Inputs(mean_image(train).ravel().astype(dtype), None)
    if kind == "unit":
        return Inputs(None, np.full(size, 1 / 255, dtype))
    mean, deviation = channel_statistics(train)
    pixels = size // len(mean)
    deviation = np.where(deviation > 0, deviation, 1.0)  # a channel of one value stays at 0
    return Inputs(np.repeat(255 * mean, pixels).astype(dtype), np.repeat(1 / (255 * deviation), pixels).astype(dtype))


def describe_inputs(inputs: Inputs, classes: tuple[str, ...], shape: tuple[int, ...]) -> Checkpoint:
    """Return what a record keeps of the inputs."""
    arrays = {"shift": inputs.shift, "scale": inputs.scale}
    return Checkpoint(
        {name: array for name, array in arrays.items() if array is not None},
        {"classes": list(classes), "shape": list(shape)},
    )
