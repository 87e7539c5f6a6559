"""The three layouts in which CIFAR-10 is distributed, each read into a draft of the cache.

    data_batch_1.bin    binary: 10,000 records of a label byte and an image
    data_batch_1        Python: a pickled dictionary of `data`, uint8 (10000, 3072), and `labels`, a list
    data_batch_1.png    PNG: 1024 × 10000 RGB, one image a row, pixel by pixel; labels in two JSON lists

and so on to `test_batch`. Nothing here trusts what it reads: sizes are checked before anything is decoded, and the
draft checks every batch afterwards.
"""

import json
import struct
import warnings
from collections.abc import Iterable
from typing import IO

import numpy as np

from chainrule.data.cifar10.cache import Draft
from chainrule.data.cifar10.edition import IMAGE_BYTES, Edition
from chainrule.data.cifar10.pickles import read_pickle
from chainrule.errors import UserError

PIECE = 250  # records read at a time
_LABEL_LISTS = {"train_lables.json": slice(None, -1), "test_lables.json": slice(-1, None)}  # spelt so in the package


def list_layouts(edition: Edition) -> tuple[frozenset[str], ...]:
    """Return the file names of each layout."""
    return (
        frozenset(f"{batch}.bin" for batch in edition.batches),
        frozenset(edition.batches),
        frozenset(f"{batch}.png" for batch in edition.batches) | frozenset(_LABEL_LISTS),
    )


def read_files(files: Iterable[tuple[str, IO[bytes]]], draft: Draft) -> None:
    """Write the batches that `files`, pairs of name and content, hold into `draft`.

    Raises UserError naming the first file that is not what its name says, or those that are missing.
    """
    read = set()
    for name, content in files:
        _, _, suffix = name.partition(".")
        _READERS[suffix](name, content, draft)
        read.add(name)
    missing = min((layout - read for layout in list_layouts(draft.edition)), key=len)
    if missing:
        raise UserError(f"{', '.join(sorted(missing))} {'is' if len(missing) == 1 else 'are'} missing")


def _read_records(name: str, content: IO[bytes], draft: Draft) -> None:
    batch, records, width = name.removesuffix(".bin"), draft.edition.records, 1 + IMAGE_BYTES
    for first in range(0, records, PIECE):
        count = min(PIECE, records - first)
        piece = content.read(count * width)
        if len(piece) != count * width:
            raise UserError(f"{name} is cut off: it has not the {records * width:,} bytes that it should")
        rows = np.frombuffer(piece, np.uint8).reshape(count, width)
        draft.write_labels(batch, first, rows[:, 0].tobytes())
        draft.write_images(batch, first, rows[:, 1:])
    if content.read(1):
        raise UserError(f"{name} is too long: it has more than the {records * width:,} bytes that it should")


def _read_python(name: str, content: IO[bytes], draft: Draft) -> None:
    records = draft.edition.records
    pickled = _read_bounded(name, content, 2 * draft.edition.batch_bytes + 2**16)
    table = read_pickle(pickled, name, operations=40 * records + 10_000)
    images = table.get("data")
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8 or images.shape != (records, IMAGE_BYTES):
        raise UserError(f"{name} has no images: its 'data' should be uint8 of shape ({records}, {IMAGE_BYTES})")
    draft.write_labels(name, 0, _labels(name, table.get("labels"), records))
    draft.write_images(name, 0, images)


def _read_png(name: str, content: IO[bytes], draft: Draft) -> None:
    batch, records = name.removesuffix(".png"), draft.edition.records
    pixels = _decode_png(name, content, (IMAGE_BYTES // 3, records))
    for first in range(0, records, PIECE):
        piece = pixels[first : first + PIECE]  # (images, pixels, colours)
        draft.write_images(batch, first, piece.transpose(0, 2, 1))


def _decode_png(name: str, content: IO[bytes], size: tuple[int, int]) -> np.ndarray:
    from PIL import Image

    try:
        with warnings.catch_warnings(action="ignore"), Image.open(content, formats=("PNG",)) as picture:
            if (picture.size, picture.mode) != (size, "RGB"):
                raise UserError(f"{name} is {picture.mode} of {picture.size}, not RGB of {size}")
            return np.asarray(picture)
    except UserError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError) as error:
        raise UserError(f"{name} is no PNG that can be read ({error})") from error


def _read_label_list(name: str, content: IO[bytes], draft: Draft) -> None:
    batches, records = list(draft.edition.batches)[_LABEL_LISTS[name]], draft.edition.records
    text = _read_bounded(name, content, 8 * records * len(batches) + 2**10)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{name} is no JSON ({error})") from error
    labels = _labels(name, values, records * len(batches))
    for number, batch in enumerate(batches):
        draft.write_labels(batch, 0, labels[number * records : (number + 1) * records])


def _labels(name: str, values: object, count: int) -> bytes:
    try:
        if isinstance(values, list) and len(values) == count:
            return bytes(values)
    except (TypeError, ValueError):
        pass
    raise UserError(f"{name} has no labels: there should be a list of {count} numbers from 0 to 9")


def _read_bounded(name: str, content: IO[bytes], limit: int) -> bytes:
    pieces, size = [], 0
    while piece := content.read(2**16):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise UserError(f"{name} is refused: it has more than {limit:,} bytes")
    return b"".join(pieces)


_READERS = {"bin": _read_records, "": _read_python, "png": _read_png, "json": _read_label_list}
