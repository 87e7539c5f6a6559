"""Images with labels: what every dataset is once it is loaded, and its statistics.

Images stay uint8, of shape (N, C, H, W), and may be a read-only memory map. So a whole part of a dataset
is read in pieces, and never copied to floats.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from chainrule.errors import UserError

PIECE = 257  # images read at a time: 257 bytes of at most 255 add up to at most 65,535, so a uint16 holds their sum


@dataclass(frozen=True, eq=False)
class Split:
    """One part of a dataset: `images`, uint8 (N, C, H, W), perhaps a read-only memory map; `labels`, int64 (N,).

    Of text, images are windows (N, 1, 1, T) and labels (N, T): a class for each character, that of the next one.
    """

    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images to train on and images to test on.

    name: as `load` knows it.  source: where this copy came from.  classes: the name of each label, in order.
    hashes: SHA-256 by batch for CIFAR-10, by part for the others.
    """

    name: str
    source: str
    classes: tuple[str, ...]
    train: Split
    test: Split
    hashes: dict[str, str]


def validation_split(dataset: Dataset, count: int = 5000) -> Dataset:
    """Return the dataset on which settings are chosen: the last `count` training images are its test part.

    The test part of `dataset` is left out. Nothing is copied. Raises UserError where no image is left to train on.
    """
    total = len(dataset.train.labels)
    if not 1 <= count < total:
        raise UserError(f"A validation split takes from 1 to {total - 1} of the {total} training images, not {count}.")
    images, labels = dataset.train.images, dataset.train.labels
    return replace(
        dataset,
        name=f"{dataset.name} validation",
        train=Split(images[:-count], labels[:-count]),
        test=Split(images[-count:], labels[-count:]),
    )


def mean_image(split: Split) -> np.ndarray:
    """Return the mean over the images, float32 (C, H, W), in the units of the pixels (0 to 255).

    The sums are exact integers, so the result is the true mean rounded once.
    """
    total = np.zeros(split.images.shape[1:], np.int64)
    for piece in _pieces(split.images):
        total += piece.sum(axis=0, dtype=np.uint16)
    return (total / len(split.images)).astype(np.float32)


def channel_statistics(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation of each channel over all its pixels, scaled to 0..1; float64, each (C,).

    Both come from how often each of the 256 values occurs, count[c, v]:
    mean[c] = Σ_v count[c,v] v / n and var[c] = Σ_v count[c,v] (v - mean[c])² / n, with n pixels in a channel.
    """
    channels = split.images.shape[1]
    count = np.zeros((channels, 256), np.int64)
    for piece in _pieces(split.images):
        for channel in range(channels):
            count[channel] += np.bincount(piece[:, channel].ravel(), minlength=256)
    value = np.arange(256) / 255
    n = count.sum(axis=1)
    mean = count @ value / n
    variance = (count * (value - mean[:, None]) ** 2).sum(axis=1) / n
    return mean, np.sqrt(variance)


def gather(split: Split, indices: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """Return the images at `indices`, uint8 (B, C, H, W), written into `out` where one is given.

    Raises IndexError for an index outside the split; negative ones do not count from the end.
    """
    # mode="clip" lets `take` write straight into `out`; with its default it fills a buffer first, a third slower.
    if len(indices) and not (indices.min() >= 0 and indices.max() < len(split.images)):
        raise IndexError(f"indices must be from 0 to {len(split.images) - 1}; got {indices.min()} to {indices.max()}")
    return split.images.take(indices, axis=0, out=out, mode="clip")


def hash_split(split: Split) -> str:
    """Return the SHA-256 of the images followed by the labels (as bytes of little-endian int64)."""
    digest = hashlib.sha256()
    for piece in _pieces(split.images):
        digest.update(np.ascontiguousarray(piece).data)
    digest.update(split.labels.astype("<i8").data)
    return digest.hexdigest()


def stratified_split(labels: np.ndarray, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions to train on and to test on, each ascending: a `share` of every class goes to the test part.

    Every class of at least two keeps at least one image in each part.
    """
    test = []
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        test.append(members[: min(max(1, round(share * len(members))), len(members) - 1)])
    chosen = np.zeros(len(labels), bool)
    chosen[np.concatenate(test)] = True
    return np.flatnonzero(~chosen), np.flatnonzero(chosen)


def _pieces(images: np.ndarray) -> Iterator[np.ndarray]:
    for first in range(0, len(images), PIECE):
        yield images[first : first + PIECE]
