"""A folder of class folders of PNG or JPEG pictures, of any size and colour mode.

    FOLDER/cat/1.png, FOLDER/dog/1.jpg, …                    split by a seed, a fifth of each class for the test
    FOLDER/train/cat/1.png, …, FOLDER/test/cat/9.png, …      split as it is

Names that begin with a dot are left out, and so are files that stand beside the class folders, and files in them that
are no pictures by their names, such as Thumbs.db, which are told.
"""

import struct
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from chainrule.data.cifar10.edition import IMAGE_SHAPE
from chainrule.data.dataset import Dataset, Split, hash_split, stratified_split
from chainrule.data.progress import Meter, announce
from chainrule.errors import UserError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
TEST_SHARE = 0.2
MOST_PIXELS = 50_000_000  # of a picture: a photograph has half as many
MOST_NAMED = 5  # of the files that are left out
Listing = dict[str, list[Path]]  # the pictures of each class


def load_folder(folder: Path, *, seed: int = 0, progress: bool = True) -> Dataset:
    """Return the pictures of `folder`, each resized to 32 × 32 RGB (whatever its shape), shuffled by `seed`.

    Transparent pictures are put on white; the orientation that a camera noted is applied. Raises UserError naming the
    file or folder that cannot be used: an unreadable picture, an empty class, a link that leads out.
    """
    rng = np.random.default_rng(seed)
    names = {entry.name for entry in _list_folders(folder, folder)}
    if {"train", "test"} <= names:
        listings = {part: _list_classes(folder / part, folder) for part in ("train", "test")}
        if listings["train"].keys() != listings["test"].keys():
            odd = sorted(listings["train"].keys() ^ listings["test"].keys())[0]
            raise UserError(f"{folder}: the class {odd!r} is in only one of train/ and test/.")
    else:
        listings = _split_classes(_list_classes(folder, folder), folder, rng)
    classes = tuple(listings["train"])
    _tell_left_out(folder, progress)
    total = sum(len(paths) for part in listings.values() for paths in part.values())
    meter = Meter("Pictures", shown=progress, total=total)
    try:
        train, test = (_read_part(listings[part], rng, meter) for part in ("train", "test"))
    finally:
        meter.close()
    hashes = {"train": hash_split(train), "test": hash_split(test)}
    return Dataset(folder.name, f"folder, {folder}", classes, train, test, hashes)


def _split_classes(listing: Listing, folder: Path, rng: np.random.Generator) -> dict[str, Listing]:
    for name, paths in listing.items():
        if len(paths) == 1:
            raise UserError(f"{folder / name} has only one picture; it takes two to train and to test.")
    parts: dict[str, Listing] = {"train": {}, "test": {}}
    for name, paths in listing.items():
        for part, positions in zip(parts, stratified_split(np.zeros(len(paths)), TEST_SHARE, rng), strict=True):
            parts[part][name] = [paths[position] for position in positions]
    return parts


def _list_classes(folder: Path, root: Path) -> Listing:
    """Return the pictures of each class folder of `folder`, all in alphabetical order."""
    listing = {entry.name: _list_pictures(entry, root) for entry in _list_folders(folder, root)}
    if len(listing) < 2:
        raise UserError(f"{folder} needs at least two class folders of pictures; it has {len(listing)}.")
    return listing


def _list_folders(folder: Path, root: Path) -> list[Path]:
    return [entry for entry in _list_visible(folder, root) if entry.is_dir()]


def _list_pictures(folder: Path, root: Path) -> list[Path]:
    pictures = [path for path in _list_visible(folder, root) if path.suffix.lower() in SUFFIXES]
    for path in pictures:
        if not path.is_file():
            raise UserError(f"{path} is no PNG or JPEG file.")
    if not pictures:
        raise UserError(f"The class folder {folder} holds no PNG or JPEG picture.")
    return pictures


def _tell_left_out(folder: Path, progress: bool) -> None:
    files = [path for path in sorted(folder.glob("*/*")) + sorted(folder.glob("*/*/*")) if not path.is_dir()]
    left = [path.name for path in files if path.suffix.lower() not in SUFFIXES and not path.name.startswith(".")]
    if left:
        more = ", …" if len(left) > MOST_NAMED else ""
        announce(f"left out, as no PNG or JPEG by name: {', '.join(left[:MOST_NAMED])}{more} ({len(left)})", progress)


def _list_visible(folder: Path, root: Path) -> list[Path]:
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise UserError(f"The folder {folder} cannot be read: {error.strerror}.") from error
    for entry in entries:
        if entry.is_symlink() and not _resolve_link(entry).is_relative_to(root.resolve()):
            raise UserError(f"{entry} is a link that leads out of {root}.")
    return entries


def _resolve_link(link: Path) -> Path:
    try:
        return link.resolve(strict=True)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return link.resolve()  # to where nothing can be read, which is said of the picture
    except (RuntimeError, OSError):  # Python 3.11 and 3.12 raise the one, later ones the other
        raise UserError(f"{link} is a link that leads back to itself.") from None


def _read_part(listing: Listing, rng: np.random.Generator, meter: Meter) -> Split:
    """Return the pictures of one part, shuffled, so that its last ones are of all classes."""
    pictures = [(path, label) for label, paths in enumerate(listing.values()) for path in paths]
    images = np.empty((len(pictures), *IMAGE_SHAPE), np.uint8)
    labels = np.empty(len(pictures), np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of remarks on a picture's metadata
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        for place, (path, label) in zip(rng.permutation(len(pictures)), pictures, strict=True):
            images[place], labels[place] = read_picture(path), label
            meter.update(1)
    return Split(images, labels)


def read_picture(path: Path, shape: tuple[int, int, int] = IMAGE_SHAPE) -> np.ndarray:
    """Return the picture as uint8 of this shape, (1, H, W) or (3, H, W).

    Raises UserError naming the file where it cannot be read.
    """
    try:
        with Image.open(path, formats=("PNG", "JPEG")) as picture:
            if picture.width * picture.height > MOST_PIXELS:  # counted before anything is decoded
                size = f"{picture.width:,} × {picture.height:,} pixels, more than {MOST_PIXELS:,} in all"
                raise UserError(f"{path} is too large a picture: {size}.")
            picture.draft(None, (2 * shape[2], 2 * shape[1]))  # a large JPEG is decoded at a fraction of its size
            upright = ImageOps.exif_transpose(picture)
            small = _convert_colours(upright).resize((shape[2], shape[1]), Image.Resampling.BICUBIC)
    except UserError:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UserError(f"{path} is too large a picture ({error}).") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        raise UserError(f"{path} is no PNG or JPEG that can be read ({error}).") from error
    if shape[0] == 1:
        return np.asarray(small.convert("L"))[None]
    return np.asarray(small).transpose(2, 0, 1)


def _convert_colours(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB: 16-bit grey divided by 257, transparent places laid on white."""
    if picture.mode.startswith("I"):
        grey = (np.asarray(picture).astype(np.uint32) + 128) // 257  # rounded
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")
    return picture.convert("RGB")
