"""Random changes of the training images that leave their class alone, drawn anew for each batch.

Everything stays uint8 and works on whole batches, so that both backends use it and a step hardly takes longer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from chainrule.errors import UserError

Images = NDArray[np.uint8]
LEVELS = 256  # of the weights that mix images: with sixteen bits the weighted sum of two pixels is exact


class Augmentation:
    """Mirrors, shifts and mixes the images (B, C, H, W) of a batch, as the arguments ask and `rng` draws.

    flip: mirror each image, left to right, with probability 1/2.
    shift: move each image by up to so many pixels up or down and left or right; the edge is reflected.
    mixup: mix each image, and its target, with its neighbour's; the weights come from Beta(mixup, mixup), 0 for none.

    `rng` must belong to this object alone: `state` is its state. Raises UserError where the images (C, H, W) of `shape`
    are too small for the shift.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        flip: bool = False,
        shift: int = 0,
        mixup: float = 0.0,
        rng: np.random.Generator,
    ) -> None:
        if shift >= min(shape[1:]):
            size = f"{shape[1]} × {shape[2]}"
            raise UserError(
                f"shift is {shift}, but images of {size} pixels can be shifted by {min(shape[1:]) - 1} at most"
            )
        self.classes, self.flip, self.shift, self.mixup, self._rng = classes, flip, shift, mixup, rng

    def __call__(self, images: Images, labels: NDArray[np.int64]) -> tuple[Images, NDArray[Any]]:
        """Return changed images, perhaps within the memory of `images`, and their targets.

        The targets are the labels (B) themselves, or with mixup float32 probabilities (B, classes).
        """
        if self.flip:
            flip_images(images, self._rng.random(len(images)) < 0.5)
        if self.shift:
            down, right = self._rng.integers(-self.shift, self.shift + 1, (2, len(images)))
            images = shift_images(images, down, right, self.shift)
        if not self.mixup:
            return images, labels
        weights = np.rint(LEVELS * self._rng.beta(self.mixup, self.mixup, len(images))).astype(np.uint16)
        return mix_images(images, weights), mix_labels(labels, weights, self.classes)

    def state(self) -> dict[str, Any]:
        """Return the generator's state, which JSON can hold."""
        return dict(self._rng.bit_generator.state)

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a `state`."""
        self._rng.bit_generator.state = state


def flip_images(images: Images, chosen: NDArray[np.bool_]) -> None:
    """Mirror the chosen images (B, C, H, W) in place, left to right."""
    images[chosen] = images[chosen, :, :, ::-1]


def shift_images(images: Images, down: NDArray[np.int64], right: NDArray[np.int64], reach: int) -> Images:
    """Return each image moved by down[b] and right[b] pixels, of at most `reach`; edges are reflected, not repeated.

    Y[b,c,h,w] = X[b,c,r(h − down[b]),r(w − right[b])], where r reflects at 0 and at the last row or column: what comes
    of cutting a window out of the image with a reflected border.
    """
    height, width = images.shape[2:]
    bordered = np.pad(images, ((0, 0), (0, 0), (reach, reach), (reach, reach)), mode="reflect")
    windows = sliding_window_view(bordered, (height, width), axis=(2, 3))
    return windows[np.arange(len(images)), :, reach - down, reach - right]


def mix_images(images: Images, weights: NDArray[np.uint16]) -> Images:
    """Return (w[b] X[b] + (256 − w[b]) X[b−1]) / 256, rounded; the first image is mixed with the last.

    Source: Zhang, Cissé, Dauphin and Lopez-Paz, "mixup: Beyond Empirical Risk Minimization", ICLR 2018.
    """
    w = weights[:, None]
    X = images.reshape(len(images), -1)
    mixed = X * w
    mixed[1:] += X[:-1] * (LEVELS - w[1:])
    mixed[0] += X[-1] * (LEVELS - w[0])
    mixed += LEVELS // 2
    mixed >>= 8  # / 256
    return mixed.astype(np.uint8).reshape(images.shape)


def mix_labels(labels: NDArray[np.int64], weights: NDArray[np.uint16], classes: int) -> NDArray[np.float32]:
    """Return the probabilities (B, classes) that belong to `mix_images`."""
    T = np.eye(classes, dtype=np.float32)[labels]
    w = (weights / np.float32(LEVELS)).astype(np.float32)[:, None]
    return w * T + (1 - w) * np.roll(T, 1, axis=0)
