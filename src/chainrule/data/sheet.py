"""A contact sheet: what a dataset looks like, class by class."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from chainrule.data.dataset import Dataset
from chainrule.errors import UserError

COLUMNS = 10
CELL = 64  # pixels; images of 8 and 32 pixels are enlarged by whole factors
GAP = 6
MARGIN = 24
TITLE = 44
LONGEST = 24  # characters of a class name
INK, FAINT, PAPER = "#1f2328", "#656d76", "#ffffff"


def draw_sheet(dataset: Dataset, path: Path) -> None:
    """Write the first ten training images of each class to `path`, a row a class, under the name of the class.

    The suffix of `path` decides the format. Raises UserError where it cannot be written.
    """
    if dataset.train.labels.ndim > 1:
        raise UserError(f"The data {dataset.name!r} are text, of which no sheet can be drawn.")
    names = [name if len(name) <= LONGEST else name[: LONGEST - 1] + "…" for name in dataset.classes]
    small, large = ImageFont.load_default(15), ImageFont.load_default(19)
    left = 2 * MARGIN + round(max(small.getlength(name) for name in names))
    pitch = CELL + GAP
    size = left + COLUMNS * pitch - GAP + MARGIN, TITLE + MARGIN + len(names) * pitch - GAP + MARGIN
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, MARGIN), dataset.name, INK, large, anchor="lt")
    subtitle = f"{len(dataset.train.labels):,} training and {len(dataset.test.labels):,} test images"
    draw.text((size[0] - MARGIN, MARGIN), subtitle, FAINT, small, anchor="rt")
    for row, name in enumerate(names):
        top = TITLE + MARGIN + row * pitch
        draw.text((left - MARGIN, top + CELL // 2), name, INK, small, anchor="rm")
        for column, index in enumerate(np.flatnonzero(dataset.train.labels == row)[:COLUMNS]):
            sheet.paste(_enlarge(dataset.train.images[index]), (left + column * pitch, top))
    try:
        sheet.save(path)
    except (OSError, ValueError) as error:
        raise UserError(f"The sheet cannot be written to {path}: {error}.") from error


def _enlarge(image: np.ndarray) -> Image.Image:
    """Return an image (C, H, W), grey or RGB, as a picture of one cell."""
    pixels = image[0] if len(image) == 1 else image.transpose(1, 2, 0)
    return Image.fromarray(np.ascontiguousarray(pixels)).resize((CELL, CELL), Image.Resampling.NEAREST)
