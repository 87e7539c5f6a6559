import numpy as np
import pytest

from chainrule.data import Dataset, Split, channel_statistics, gather, mean_image, validation_split
from chainrule.data.dataset import PIECE, hash_split, stratified_split
from chainrule.errors import UserError


@pytest.fixture
def split():
    rng = np.random.default_rng(3)
    return Split(rng.integers(0, 256, (2 * PIECE + 31, 3, 5, 4), dtype=np.uint8), np.arange(2 * PIECE + 31) % 7)


def test_mean_image_is_the_mean_rounded_once(split):
    mean = mean_image(split)
    assert mean.dtype == np.float32
    assert np.array_equal(mean, split.images.mean(axis=0, dtype=np.float64).astype(np.float32))


def test_mean_of_white_images_is_white():
    white = Split(np.full((2 * PIECE, 1, 2, 2), 255, np.uint8), np.zeros(2 * PIECE, np.int64))
    assert np.array_equal(mean_image(white), np.full((1, 2, 2), 255, np.float32))


def test_channel_statistics_are_mean_and_standard_deviation(split):
    mean, deviation = channel_statistics(split)
    pixels = split.images / 255
    np.testing.assert_allclose(mean, pixels.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(deviation, pixels.std(axis=(0, 2, 3)), rtol=1e-12)


def test_statistics_by_hand():
    split = Split(np.array([[[[0, 255]]], [[[0, 255]]]], np.uint8), np.array([0, 1]))
    mean, deviation = channel_statistics(split)
    assert (mean.tolist(), deviation.tolist()) == ([0.5], [0.5])


def test_gather_returns_the_images_at_the_indices(split):
    indices = np.array([3, 0, 3, len(split.images) - 1])
    out = np.empty((4, 3, 5, 4), np.uint8)
    assert gather(split, indices, out) is out
    assert np.array_equal(out, split.images[indices])
    assert np.array_equal(gather(split, indices), split.images[indices])
    assert gather(split, indices[:0]).shape == (0, 3, 5, 4)


@pytest.mark.parametrize("wrong", [-1, 2 * PIECE + 31])
def test_gather_refuses_an_index_outside(split, wrong):
    with pytest.raises(IndexError, match="indices must be from 0 to 544"):
        gather(split, np.array([0, wrong]))


def test_validation_split_takes_the_last_training_images(split):
    whole = Dataset("some", "here", tuple("abcdefg"), split, Split(split.images[:3], split.labels[:3]), {"x": "y"})
    part = validation_split(whole, 45)
    assert np.array_equal(part.train.images, split.images[:-45])
    assert np.array_equal(part.train.labels, split.labels[:-45])
    assert np.array_equal(part.test.images, split.images[-45:])
    assert np.array_equal(part.test.labels, split.labels[-45:])
    assert np.shares_memory(part.test.images, split.images)
    assert (part.name, part.source, part.classes) == ("some validation", "here", whole.classes)


@pytest.mark.parametrize("count", [0, -1, 545, 5000])
def test_validation_split_leaves_something_to_train_on(split, count):
    whole = Dataset("some", "here", tuple("abcdefg"), split, split, {})
    with pytest.raises(UserError, match=f"takes from 1 to 544 of the 545 training images, not {count}"):
        validation_split(whole, count)


def test_stratified_split_takes_its_share_of_every_class():
    labels = np.random.default_rng(0).permutation(np.repeat([0, 1, 2, 3], [2, 3, 40, 100]))
    train, test = stratified_split(labels, 0.2, np.random.default_rng(5))
    assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(145))
    assert np.bincount(labels[test]).tolist() == [1, 1, 8, 20]
    again = stratified_split(labels, 0.2, np.random.default_rng(5))
    other = stratified_split(labels, 0.2, np.random.default_rng(6))
    assert np.array_equal(test, again[1])
    assert not np.array_equal(test, other[1])


def test_hash_tells_images_and_labels_apart(split):
    images, labels = split.images.copy(), split.labels.copy()
    images[300, 0, 0, 0] ^= 1
    labels[0] += 1
    hashes = {hash_split(Split(*pair)) for pair in [(images, split.labels), (split.images, labels)]}
    assert len(hashes | {hash_split(split)}) == 3
    assert hash_split(Split(split.images[::-1][::-1], split.labels)) == hash_split(split)
