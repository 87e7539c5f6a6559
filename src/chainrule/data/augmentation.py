"""Changes of images that leave their class alone: random ones for training, and the views that an evaluation averages.

Everything stays uint8 and works on whole batches, so that both backends can use it and a step takes hardly longer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from chainrule.errors import UserError

Images = NDArray[np.uint8]
TOGETHER = 25  # neighbouring images of a batch are deformed alike: to find the places of the pixels takes time
PARTS = 16  # of the distance between two pixels
LEVELS = 256  # of the weights that mix images: with sixteen bits the weighted sum of two pixels is exact


class Augmentation:
    """Coarsens, mirrors, deforms, shifts and mixes the images (B, C, H, W) of a batch, as asked and as `rng` draws.

    coarse: give the images half their resolution in this share of the run, the first.
    flip: mirror each image, left to right, with probability 1/2.
    alternate: where this is a number of images, mirror each image in every other epoch instead; `rng` draws in which.
    deform: stretch, turn and slant the images by the matrix 1 + U(−deform, deform), one for each TOGETHER images.
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
        coarse: float = 0.0,
        flip: bool = False,
        alternate: int = 0,
        deform: float = 0.0,
        shift: int = 0,
        mixup: float = 0.0,
        rng: np.random.Generator,
    ) -> None:
        require_shift("shift", shift, shape)
        self.classes, self.coarse = classes, coarse
        self.flip, self.deform, self.shift, self.mixup = flip, deform, shift, mixup
        self._rng = rng
        # Drawn from a generator of its own, so that a run that goes on has the same, whatever it has drawn since.
        self._phase = rng.spawn(1)[0].integers(0, 2, alternate) if alternate else np.empty(0, np.int64)

    def __call__(
        self,
        images: Images,
        labels: NDArray[np.int64],
        indices: NDArray[np.int64] | None = None,
        epoch: int = 0,
        done: float = 0.0,
    ) -> tuple[Images, NDArray[Any]]:
        """Return changed images, perhaps within the memory of `images`, and their targets.

        `done` is the share of the run that lies behind it, from 0 to 1.
        With `alternate`, `indices` (B) are the numbers of the images, and `epoch` that of the batch (Jordan,
        2024, arXiv:2404.00498, section 3.6): two epochs show each image both ways, which draws do for half of them.
        The targets are the labels (B) themselves, or with mixup float32 probabilities (B, classes).
        """
        if done < self.coarse:
            coarsen_images(images)
        if self.flip and len(self._phase):
            assert indices is not None
            flip_images(images, (self._phase[indices] + epoch) % 2 == 1)
        elif self.flip:
            flip_images(images, self._rng.random(len(images)) < 0.5)
        if self.deform:
            groups = -(-len(images) // TOGETHER)
            images = deform_images(images, np.eye(2) + self._rng.uniform(-self.deform, self.deform, (groups, 2, 2)))
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


def require_shift(name: str, reach: int, shape: tuple[int, ...]) -> None:
    """Raise UserError, which names the setting, where images (C, H, W) of `shape` cannot be moved so far."""
    if reach >= min(shape[1:]):
        size = f"{shape[1]} × {shape[2]}"
        raise UserError(
            f"{name} is {reach}, but images of {size} pixels can be shifted by {min(shape[1:]) - 1} at most"
        )


def list_views(images: Images, mirror: bool, reach: int, places: str = "nine") -> Iterator[tuple[float, Images]]:
    """Yield the images (B, C, H, W) as an evaluation looks at them, each time with its share of the mean.

    In place; or, with a `reach`, at places so many pixels off: "nine", with the eight all around, or "three", half in
    place and a quarter each up and left, and down and right. Each is followed by its mirror image, left to right, where
    that is wanted.
    """
    here = np.zeros(len(images), np.int64)
    for share, down, right in list_places(reach, places):
        moved = shift_images(images, here + down, here + right, reach) if reach else images
        yield share / 2 if mirror else share, moved
        if mirror:
            yield share / 2, moved[:, :, :, ::-1]


def list_places(reach: int, places: str) -> list[tuple[float, int, int]]:
    """Return share, rows down and columns right of each place that `list_views` looks from."""
    if not reach:
        return [(1.0, 0, 0)]
    if places == "three":  # Jordan, 2024, arXiv:2404.00498, section 3.7
        return [(1 / 2, 0, 0), (1 / 4, -reach, -reach), (1 / 4, reach, reach)]
    return [(1 / 9, down, right) for down, right in itertools.product((-reach, 0, reach), repeat=2)]


def coarsen_images(images: Images) -> None:
    """Put the rounded mean of each 2 × 2 pixels in place of them; an odd last row or column stays as it is."""
    height, width = (size - size % 2 for size in images.shape[2:])
    places = [(slice(down, height, 2), slice(right, width, 2)) for down, right in itertools.product((0, 1), repeat=2)]
    total = sum(images[:, :, rows, columns].astype(np.uint16) for rows, columns in places)
    for rows, columns in places:
        images[:, :, rows, columns] = (total + 2) >> 2  # / 4


def flip_images(images: Images, chosen: NDArray[np.bool_]) -> None:
    """Mirror the chosen images (B, C, H, W) in place, left to right."""
    images[chosen] = images[chosen, :, :, ::-1]


def deform_images(images: Images, matrices: NDArray[np.float64]) -> Images:
    """Return the images deformed by an affine map about their middle: images TOGETHER g … by matrix g of (G, 2, 2).

    Y[b,c,p] = X[b,c,A p], where p = (h, w) is counted from the middle, A p lies between four pixels, whose mean is
    taken with the bilinear weights in sixteenths, and a place outside the image means the nearest within.
    """
    batch, channels, height, width = images.shape
    pixels = np.ascontiguousarray(images.reshape(batch * channels, -1).T)  # a row for each pixel: to gather is to copy
    deformed = np.empty_like(pixels)
    for group, matrix in enumerate(matrices):
        columns = slice(group * TOGETHER * channels, (group + 1) * TOGETHER * channels)
        place, down, right = _find_places(matrix, height, width)
        total: Any = LEVELS // 2
        for rows, vertical in ((0, PARTS - down), (width, down)):
            for row, horizontal in ((rows, PARTS - right), (rows + 1, right)):
                total = total + pixels[:, columns].take(place + row, axis=0) * (vertical * horizontal)[:, None]
        deformed[:, columns] = total >> 8  # / 256, of which PARTS² are the weights' sum
    return np.ascontiguousarray(deformed.T).reshape(images.shape)


def _find_places(matrix: NDArray[np.float64], height: int, width: int) -> tuple[NDArray[Any], ...]:
    """Return for each pixel (H W) the upper left of the four that it is made of, and how far down and right of it."""
    middle = np.array([height - 1, width - 1]) / 2
    places = np.moveaxis(np.indices((height, width)), 0, -1).reshape(-1, 2)
    source = ((places - middle) @ matrix.T + middle).clip(0, 2 * middle)
    corner = np.minimum(source.astype(np.int64), (height - 2, width - 2))
    down, right = np.rint(PARTS * (source - corner)).astype(np.uint16).T
    return corner @ (width, 1), down, right


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
