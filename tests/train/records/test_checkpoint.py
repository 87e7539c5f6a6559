import errno
import os
from pathlib import Path

import numpy as np
import pytest

from chainrule.errors import UserError
from chainrule.train.records import files
from chainrule.train.records.checkpoint import Checkpoint, load_arrays, load_checkpoint, load_values, save_checkpoint


@pytest.fixture
def checkpoint() -> Checkpoint:
    rng = np.random.default_rng(0)
    arrays = {
        "weight": np.asfortranarray(rng.normal(size=(3, 5)).astype(np.float32)),
        "strided": rng.normal(size=(4, 6))[::2, 1::2],
        "steps": np.array(7),
        "empty": np.empty((0, 2)),
    }
    return Checkpoint(arrays, {"step": 7, "big": 2**127 + 1, "loss": 0.1 + 0.2})


def test_what_is_saved_is_loaded_to_the_last_bit(tmp_path: Path, checkpoint: Checkpoint) -> None:
    save_checkpoint(tmp_path / "c", checkpoint)
    loaded = load_checkpoint(tmp_path / "c")
    assert loaded.values == checkpoint.values == load_values(tmp_path / "c")
    assert loaded.arrays.keys() == checkpoint.arrays.keys()
    for name, array in checkpoint.arrays.items():
        np.testing.assert_array_equal(loaded.arrays[name], array, strict=True)


def test_every_altered_byte_is_noticed(tmp_path: Path, checkpoint: Checkpoint) -> None:
    path = tmp_path / "c"
    save_checkpoint(path, checkpoint)
    whole = path.read_bytes()
    for position in range(0, len(whole), 11):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        try:
            loaded = load_checkpoint(path)
        except UserError:
            continue
        assert loaded.values == checkpoint.values  # the byte had no meaning, such as one that fills up a header
        assert all(np.array_equal(loaded.arrays[name], array) for name, array in checkpoint.arrays.items())


@pytest.mark.parametrize("length", [0, 4, 8, 100, -1])
def test_a_truncated_file_is_told_in_one_sentence(tmp_path: Path, checkpoint: Checkpoint, length: int) -> None:
    path = tmp_path / "c"
    save_checkpoint(path, checkpoint)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(UserError, match="is damaged"):
        load_checkpoint(path)


def test_a_header_that_would_fill_memory_is_told_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_bytes((1 << 30).to_bytes(8, "little") + b"{}")
    os.truncate(path, 1 << 31)  # of which nothing is on the disk
    for load in (load_checkpoint, load_values, load_arrays):
        with pytest.raises(UserError, match="its header is said to have 1,073,741,824 bytes"):
            load(path)


def test_a_full_disk_leaves_the_old_file_and_no_other(
    tmp_path: Path, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "c"
    save_checkpoint(path, checkpoint)
    before = path.read_bytes()

    def refuse(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(path, Checkpoint({"weight": np.ones(3)}, {}))
    assert path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["c"]
