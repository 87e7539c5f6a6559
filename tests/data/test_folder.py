import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from chainrule import data
from chainrule.data.folder import load_folder, read_picture
from chainrule.errors import UserError


def draw(path, colour, size=(40, 30), mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path, **options)
    return path


@pytest.fixture
def folder(tmp_path):
    """Ten red and five blue pictures, of many sizes."""
    for number in range(10):
        draw(tmp_path / "pets" / "red" / f"{number}.png", (255, 0, number), (20 + number, 50))
    for number in range(5):
        draw(tmp_path / "pets" / "blue" / f"{number}.JPG", (0, 0, 255), (300 * number + 1, 77))
    return tmp_path / "pets"


def load(folder, **options):
    return data.load(str(folder), progress=False, **options)


def test_class_folders_are_split_by_class(folder):
    dataset = load(folder)
    assert (dataset.name, dataset.classes) == ("pets", ("blue", "red"))
    assert dataset.source == f"folder, {folder}"
    assert np.bincount(dataset.train.labels).tolist() == [4, 8]
    assert np.bincount(dataset.test.labels).tolist() == [1, 2]
    assert dataset.train.images.shape == (12, 3, 32, 32)
    assert (dataset.train.images.dtype, dataset.train.labels.dtype) == (np.uint8, np.int64)
    for split in (dataset.train, dataset.test):
        reddish = split.images[:, 0].mean(axis=(1, 2)) > 128
        assert np.array_equal(reddish, split.labels == 1)


def test_each_picture_is_in_one_part(folder):
    dataset = load(folder)
    tints = np.concatenate([split.images[split.labels == 1, 2, 0, 0] for split in (dataset.train, dataset.test)])
    assert sorted(tints.tolist()) == list(range(10))


def test_seed_decides_the_split(folder):
    assert load(folder).hashes == load(folder, seed=0).hashes
    assert len({load(folder, seed=seed).hashes["test"] for seed in range(6)}) > 1


def test_training_images_are_shuffled_so_that_the_last_are_of_all_classes(folder):
    for number in range(60):
        draw(folder / "blue" / f"more{number}.png", (0, 0, 255), (32, 32))
        draw(folder / "red" / f"more{number}.png", (255, 0, 0), (32, 32))
    assert set(data.validation_split(load(folder), 40).test.labels.tolist()) == {0, 1}


def test_train_and_test_parts_are_kept(tmp_path):
    for part, count in (("train", 3), ("test", 2)):
        for name in ("a", "b"):
            for number in range(count):
                draw(tmp_path / part / name / f"{number}.png", "white")
    dataset = load(tmp_path)
    assert (len(dataset.train.labels), len(dataset.test.labels)) == (6, 4)
    assert dataset.classes == ("a", "b")


def test_parts_of_different_classes_are_refused(tmp_path):
    for name in ("train/a", "train/b", "test/a", "test/b", "test/c"):
        draw(tmp_path / name / "1.png", "white")
    with pytest.raises(UserError, match=r"the class 'c' is in only one of train/ and test/"):
        load(tmp_path)


def test_hidden_files_and_stray_files_are_left_out(folder):
    expected = load(folder).hashes
    (folder / "red" / ".DS_Store").write_bytes(b"x")
    (folder / ".git").mkdir()
    (folder / "README.txt").write_text("my pets")
    assert load(folder).hashes == expected


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("L", 100, (100, 100, 100)),
        ("1", 1, (255, 255, 255)),
        ("I;16", 100 * 257, (100, 100, 100)),
        ("LA", (100, 255), (100, 100, 100)),
        ("RGB", (10, 20, 30), (10, 20, 30)),
        ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
        ("RGBA", (10, 20, 30, 0), (255, 255, 255)),
        ("RGBA", (0, 0, 0, 51), (204, 204, 204)),
    ],
)
def test_png_of_every_mode_becomes_rgb(tmp_path, mode, colour, expected):
    picture = read_picture(draw(tmp_path / "some.png", colour, mode=mode))
    assert picture.shape == (3, 32, 32)
    assert [np.unique(plane).tolist() for plane in picture] == [[value] for value in expected]


@pytest.mark.parametrize("transparency", [None, 0, b"\x00"])
def test_palette_becomes_rgb(tmp_path, transparency):
    palette = Image.new("P", (20, 20), 0)
    palette.putpalette([10, 20, 30])
    options = {} if transparency is None else {"transparency": transparency}
    palette.save(tmp_path / "some.png", **options)
    expected = [10, 20, 30] if transparency is None else [255, 255, 255]
    assert read_picture(tmp_path / "some.png")[:, 5, 5].tolist() == expected


@pytest.mark.parametrize(("mode", "colour"), [("L", 100), ("RGB", (200, 100, 50)), ("CMYK", (55, 155, 205, 0))])
def test_jpeg_of_every_mode_becomes_rgb(tmp_path, mode, colour):
    picture = read_picture(draw(tmp_path / "some.jpg", colour, mode=mode, quality=100))
    expected = (100, 100, 100) if mode == "L" else (200, 100, 50)
    assert np.abs(picture - np.reshape(expected, (3, 1, 1))).max() <= 3


def test_large_jpeg_is_shrunk_faithfully(tmp_path):
    ramp = np.linspace(0, 255, 2000).astype(np.uint8)
    Image.fromarray(np.broadcast_to(ramp[None, :, None], (1500, 2000, 3)).copy()).save(tmp_path / "some.jpg")
    expected = (np.arange(32) + 0.5) / 32 * 255
    assert np.abs(read_picture(tmp_path / "some.jpg") - expected).max() < 4


def test_camera_orientation_is_obeyed(tmp_path):
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:8] = 255  # white above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise, so that what was above comes to the right
    Image.fromarray(pixels).save(tmp_path / "some.png", exif=exif)
    picture = read_picture(tmp_path / "some.png")
    assert picture[:, :, 25:].min() == 255
    assert picture[:, :, :23].max() == 0


def test_columns_and_rows_keep_their_places(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "some.png")
    assert np.array_equal(read_picture(tmp_path / "some.png"), pixels.transpose(2, 0, 1))


def png_header(width, height):
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return start + struct.pack(">I", 100) + b"IDAT" + bytes(104)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no PNG or JPEG that can be read"),
        (b"GIF89a" + bytes(50), "is no PNG or JPEG that can be read"),
        (png_header(40, 40), "is no PNG or JPEG that can be read"),
        (png_header(12_000, 12_000), "is too large a picture"),
        (png_header(60_000, 60_000), "is too large a picture"),
    ],
)
def test_unreadable_picture_is_named(folder, content, message):
    (folder / "red" / "bad.png").write_bytes(content)
    with pytest.raises(UserError, match=rf"red{os.sep}bad\.png {message}"):
        load(folder)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_truncated_picture_is_named(folder, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    bad = folder / "red" / f"bad{suffix}"
    Image.fromarray(noise).save(bad)
    bad.write_bytes(bad.read_bytes()[:-3000])
    with pytest.raises(UserError, match=rf"bad\{suffix} is no PNG or JPEG that can be read"):
        load(folder)


def test_other_files_among_the_pictures_are_left_out_and_told(folder, capsys):
    count = len(load(folder).train.labels)
    for name in ("notes.txt", "Thumbs.db"):
        (folder / "red" / name).write_text("x")
    assert len(load_folder(folder, progress=True).train.labels) == count
    assert "left out, as no PNG or JPEG by name: Thumbs.db, notes.txt (2)" in capsys.readouterr().err


def test_folder_by_the_name_of_a_picture_is_named(folder):
    (folder / "red" / "more.png").mkdir()
    with pytest.raises(UserError, match=r"more\.png is no PNG or JPEG file"):
        load(folder)


def test_pipe_is_named_and_not_opened(folder):
    os.mkfifo(folder / "red" / "pipe.png")
    with pytest.raises(UserError, match=r"pipe\.png is no PNG or JPEG file"):
        load(folder)


def test_link_out_of_the_folder_is_named(folder, tmp_path):
    outside = draw(tmp_path / "elsewhere" / "1.png", "white")
    (folder / "red" / "link.png").symlink_to(outside)
    with pytest.raises(UserError, match=r"link\.png is a link that leads out of"):
        load(folder)
    (folder / "red" / "link.png").unlink()
    (folder / "green").symlink_to(outside.parent)
    with pytest.raises(UserError, match="green is a link that leads out of"):
        load(folder)


def test_link_within_the_folder_is_followed(folder):
    (folder / "red" / "link.png").symlink_to(folder / "red" / "0.png")
    assert len(load(folder).train.labels) + len(load(folder).test.labels) == 16


def test_broken_link_is_named(folder):
    (folder / "red" / "link.png").symlink_to("none.png")
    with pytest.raises(UserError, match=r"link\.png is no PNG or JPEG file"):
        load(folder)


def test_link_to_itself_is_named(folder):
    (folder / "red" / "link.png").symlink_to("link.png")
    with pytest.raises(UserError, match=r"link\.png is a link that leads back to itself"):
        load(folder)


def test_picture_of_too_many_pixels_is_refused_before_it_is_decoded(folder):
    header = struct.pack(">IIBBBBB", 89_000_000, 1, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    pixels = b"IDAT" + zlib.compress(b"")
    png += struct.pack(">I", len(pixels) - 4) + pixels + struct.pack(">I", zlib.crc32(pixels))
    (folder / "red" / "wide.png").write_bytes(png)
    with pytest.raises(UserError, match=r"wide\.png is too large a picture: 89,000,000 × 1 pixels"):
        load(folder)


def test_class_without_pictures_is_named(folder):
    (folder / "green").mkdir()
    with pytest.raises(UserError, match=r"The class folder .*green holds no PNG or JPEG picture"):
        load(folder)


def test_class_of_one_picture_is_named(folder):
    draw(folder / "green" / "1.png", "green")
    with pytest.raises(UserError, match="green has only one picture; it takes two to train and to test"):
        load(folder)


def test_class_of_two_pictures_has_one_in_each_part(folder):
    for number in range(2):
        draw(folder / "green" / f"{number}.png", "green")
    dataset = load(folder)
    assert [(split.labels == 1).sum() for split in (dataset.train, dataset.test)] == [1, 1]


@pytest.mark.parametrize("count", [0, 1])
def test_fewer_than_two_classes_are_refused(tmp_path, count):
    for number in range(count):
        draw(tmp_path / f"class{number}" / "1.png", "white")
    with pytest.raises(UserError, match=f"needs at least two class folders of pictures; it has {count}"):
        load(tmp_path)
