import io
import json
import pickle
import struct
import tracemalloc
import zlib
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

from chainrule.data.cifar10.cache import Draft
from chainrule.data.cifar10.layouts import read_files
from chainrule.errors import UserError


@pytest.fixture
def read(tiny, tmp_path):
    """Read files, given by name, into a draft of the tiny edition."""

    def read(files):
        with closing(Draft(tmp_path / "draft", tiny.edition)) as draft:
            read_files(((name, io.BytesIO(content)) for name, content in files.items()), draft)
            draft.publish(tmp_path / "published")
        return (tmp_path / "published").read_bytes()

    return read


@pytest.mark.parametrize("layout", ["binary", "python", "png"])
def test_layouts_yield_the_same_cache_in_whatever_order(read, tiny, layout):
    files = getattr(tiny, layout)()
    backwards = dict(reversed(files.items()))
    assert read(files) == read(backwards) == tiny.images.tobytes() + tiny.labels.tobytes()


def test_draft_in_the_wrong_place_is_not_published(read, tiny, tmp_path):
    files = tiny.binary()
    first, second = "data_batch_1.bin", "data_batch_2.bin"
    with pytest.raises(UserError, match="data_batch_1 is not the official one"):
        read(files | {first: files[second], second: files[first]})
    assert not (tmp_path / "published").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [(lambda content: content[:-1], "is cut off"), (lambda content: content + b"\0", "is too long")],
)
def test_binary_batch_of_another_size_is_refused(read, tiny, change, message):
    with pytest.raises(UserError, match=rf"data_batch_2\.bin {message}: .* the 70,679 bytes that it should"):
        read(tiny.binary() | {"data_batch_2.bin": change(tiny.binary()["data_batch_2.bin"])})


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"labels": [0] * 23}, r"has no images: its 'data' should be uint8 of shape \(23, 3072\)"),
        ({"labels": [0] * 23, "data": np.zeros((23, 3071), np.uint8)}, "has no images"),
        ({"labels": [0] * 23, "data": np.zeros((23, 3072), np.int16)}, "has no images"),
        ({"labels": [0] * 22, "data": np.zeros((23, 3072), np.uint8)}, "has no labels: there should be a list of 23"),
        ({"labels": [256] * 23, "data": np.zeros((23, 3072), np.uint8)}, "has no labels"),
        ({"labels": ["a"] * 23, "data": np.zeros((23, 3072), np.uint8)}, "has no labels"),
        ({"labels": 10**6, "data": np.zeros((23, 3072), np.uint8)}, "has no labels"),
    ],
)
def test_python_batch_without_what_it_should_hold_is_refused(read, tiny, table, message):
    with pytest.raises(UserError, match=f"data_batch_1 {message}"):
        read(tiny.python() | {"data_batch_1": pickle.dumps(table, 2)})


def test_python_batch_that_is_too_large_is_refused(read, tiny):
    with pytest.raises(UserError, match="data_batch_1 is refused: it has more than"):
        read(tiny.python() | {"data_batch_1": bytes(10**6)})


def picture(size, mode="RGB", kind="PNG"):
    file = io.BytesIO()
    Image.new(mode, size).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (picture((1024, 22)), r"is RGB of \(1024, 22\), not RGB of \(1024, 23\)"),
        (picture((1024, 23), "RGBA"), "is RGBA of"),
        (picture((1024, 23), kind="JPEG"), "is no PNG that can be read"),
        (picture((1024, 23))[:-80], "is no PNG that can be read"),
        (b"", "is no PNG that can be read"),
    ],
)
def test_png_of_another_kind_is_refused(read, tiny, content, message):
    with pytest.raises(UserError, match=rf"test_batch\.png {message}"):
        read(tiny.png() | {"test_batch.png": content})


def test_png_that_claims_to_be_huge_costs_no_memory(read, tiny):
    header = b"IHDR" + struct.pack(">IIBBBBB", 12_000, 12_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    bomb += struct.pack(">I", 100) + b"IDAT" + bytes(104)
    files = tiny.png() | {"data_batch_1.png": bomb}
    tracemalloc.start()
    try:
        with pytest.raises(UserError, match=r"data_batch_1\.png"):
            read(files)
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[1, 2", "is no JSON"),
        (b"[" * 900, "is no JSON"),
        (b"[1, 2, 3]", "has no labels: there should be a list of 46"),
        (json.dumps([-1] * 46).encode(), "has no labels"),
        (b"46", "has no labels"),
        (b" " * 3_000, "is refused: it has more than 1,392 bytes"),
    ],
)
def test_label_list_of_another_kind_is_refused(read, tiny, text, message):
    with pytest.raises(UserError, match=rf"train_lables\.json {message}"):
        read(tiny.png() | {"train_lables.json": text})
