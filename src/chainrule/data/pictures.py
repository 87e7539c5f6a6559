"""Pictures of a person's own, for a network that has been trained: one file, or a folder of them."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from chainrule.data.folder import SUFFIXES, read_picture
from chainrule.errors import UserError


def find_pictures(place: Path) -> list[Path]:
    """Return the picture, or all PNG and JPEG files in a folder and its folders, in alphabetical order.

    Names that begin with a dot are left out. Raises UserError where there is none.
    """
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise UserError(f"there is no picture and no folder {place}")
    found = [
        path
        for path in sorted(place.rglob("*"))
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(place).parts)
    ]
    if not found:
        raise UserError(f"the folder {place} holds no PNG or JPEG picture")
    return found


def read_pictures(paths: Sequence[Path], shape: tuple[int, int, int]) -> np.ndarray:
    """Return the pictures as uint8 (S, C, H, W), each resized to `shape` (C, H, W), in grey where C is 1.

    Raises UserError naming the file that cannot be read.
    """
    images = np.empty((len(paths), *shape), np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of remarks on a picture's metadata
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for image, path in zip(images, paths, strict=True):
            image[...] = read_picture(path, shape)
    return images
