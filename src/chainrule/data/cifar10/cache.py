"""CIFAR-10 as it lies in the cache: one file that is memory-mapped, and checked every time it is opened.

The file holds the images of all batches, 3,072 bytes each, and after them one label byte for each. Put beside its label
again, a batch's images are its official binary records, whose SHA-256 is known.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from chainrule.data.cifar10.edition import IMAGE_BYTES, IMAGE_SHAPE, Edition
from chainrule.errors import UserError

PIECE = 200  # records hashed at a time: 600 KB, which stays in the processor's cache


def find_cache_folder(cache: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of the cache: `cache`, else the environment's `CHAINRULE_CACHE`, else the platform's."""
    chosen = cache or os.environ.get("CHAINRULE_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    if home := os.environ.get("XDG_CACHE_HOME"):
        return Path(home) / "chainrule"
    import pooch

    return Path(pooch.os_cache("chainrule"))


def map_images(path: Path, edition: Edition) -> tuple[np.ndarray, np.ndarray]:
    """Return the file's images, uint8 (N, 3, 32, 32), as a read-only memory map, and its labels, uint8 (N,).

    Raises FileNotFoundError where there is no file, UserError where its size is wrong. The content is not checked.
    """
    size, expected = path.stat().st_size, edition.count * (IMAGE_BYTES + 1)
    if size != expected:
        raise UserError(f"it has {size:,} bytes in place of {expected:,}")
    content = np.asarray(np.memmap(path, np.uint8, mode="r"))
    images, labels = np.split(content, [edition.count * IMAGE_BYTES])
    return images.reshape(-1, *IMAGE_SHAPE), labels


def verify_batches(images: np.ndarray, labels: np.ndarray, edition: Edition) -> None:
    """Raise UserError naming the first batch whose records do not have their official SHA-256."""
    records = np.empty((PIECE, 1 + IMAGE_BYTES), np.uint8)
    for number, (name, expected) in enumerate(edition.batches.items()):
        digest = hashlib.sha256()
        for piece in _pieces(number, edition.records):
            part = records[: piece.stop - piece.start]
            part[:, 0] = labels[piece]
            part[:, 1:] = images[piece].reshape(-1, IMAGE_BYTES)
            digest.update(part.data)
        if digest.hexdigest() != expected:
            raise UserError(f"{name} is not the official one: its SHA-256 is {digest.hexdigest()}")


def _pieces(batch: int, records: int) -> Iterator[slice]:
    end = (batch + 1) * records
    for first in range(batch * records, end, PIECE):
        yield slice(first, min(first + PIECE, end))


class Draft:
    """A cache file in the making; it replaces the old one only when it is complete and every batch is verified.

    `path` is where it is written: a file in a workspace on the same file system as the cache.
    """

    def __init__(self, path: Path, edition: Edition) -> None:
        """Create the file."""
        self.path = path
        self.edition = edition
        self._names = list(edition.batches)
        self._file = open(path, "wb")  # noqa: SIM115 - closed by `close`

    def write_images(self, batch: str, first: int, images: np.ndarray) -> None:
        """Write `images`, uint8 with 3,072 values each, from record `first` of the batch on."""
        self._file.seek((self._position(batch) + first) * IMAGE_BYTES)
        self._file.write(np.ascontiguousarray(images).data)

    def write_labels(self, batch: str, first: int, labels: bytes) -> None:
        """Write one label byte for each record from `first` of the batch on."""
        self._file.seek(self.edition.count * IMAGE_BYTES + self._position(batch) + first)
        self._file.write(labels)

    def publish(self, target: Path) -> None:
        """Verify what was written and replace `target` by it in one step.

        Raises UserError where a batch is not the official one; then `target` is left as it was.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        verify_batches(*map_images(self.path, self.edition), self.edition)
        self.close()
        os.replace(self.path, target)

    def close(self) -> None:
        """Close the file, published or not."""
        self._file.close()

    def _position(self, batch: str) -> int:
        return self._names.index(batch) * self.edition.records
