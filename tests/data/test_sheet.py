import numpy as np
import pytest
from PIL import Image

from chainrule import data
from chainrule.data.dataset import Dataset, Split
from chainrule.data.sheet import CELL, GAP, MARGIN, TITLE, draw_sheet
from chainrule.errors import UserError


def cells(path, row):
    """The pixels of the ten cells of a row."""
    with Image.open(path) as sheet:
        pixels = np.asarray(sheet)
    top, end = TITLE + MARGIN + row * (CELL + GAP), pixels.shape[1] - MARGIN
    lefts = [end + GAP - (10 - column) * (CELL + GAP) for column in range(10)]
    return [pixels[top : top + CELL, left : left + CELL] for left in lefts]


def test_sheet_holds_the_first_ten_of_each_class(tmp_path):
    digits = data.load("digits").train
    draw_sheet(data.load("digits"), tmp_path / "sheet.png")
    for label in range(10):
        first = digits.images[digits.labels == label][:10, 0]
        for found, expected in zip(cells(tmp_path / "sheet.png", label), first, strict=True):
            assert np.array_equal(found[::8, ::8], np.repeat(expected[:, :, None], 3, axis=2))


def test_colours_and_long_names_and_small_classes_have_their_place(tmp_path):
    images = np.zeros((3, 3, 32, 32), np.uint8)
    images[:, 1] = 255
    split = Split(images, np.array([0, 1, 1]))
    draw_sheet(Dataset("some", "here", ("a" * 90, "b"), split, split, {}), tmp_path / "sheet.png")
    first, second = cells(tmp_path / "sheet.png", 0)[:2]
    assert np.unique(first.reshape(-1, 3), axis=0).tolist() == [[0, 255, 0]]
    assert np.all(second == 255)


@pytest.mark.parametrize("name", ["sheet.unknown", "none/sheet.png"])
def test_file_that_cannot_be_written_is_named(tmp_path, name):
    with pytest.raises(UserError, match="The sheet cannot be written to"):
        draw_sheet(data.load("digits"), tmp_path / name)
