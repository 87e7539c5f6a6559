import hashlib

import numpy as np
from sklearn.datasets import load_digits as load_original

from chainrule import data


def rows(images, labels):
    return sorted(np.column_stack([images.reshape(len(images), -1), labels]).tolist())


def test_digits_are_those_of_scikit_learn():
    digits, original = data.load("digits"), load_original()
    images = np.concatenate([digits.train.images, digits.test.images])
    labels = np.concatenate([digits.train.labels, digits.test.labels])
    assert rows(np.rint(images / 255 * 16).astype(int), labels) == rows(original.images.astype(int), original.target)


def test_grey_values_fill_the_range_of_a_byte():
    images = data.load("digits").train.images
    assert (images.dtype, images.shape[1:]) == (np.uint8, (1, 8, 8))
    assert np.unique(images).tolist() == [round(255 * grey / 16) for grey in range(17)]


def test_split_is_stratified_and_the_same_for_every_seed():
    digits, other = data.load("digits"), data.load("digits", seed=5)
    assert (len(digits.train.labels), len(digits.test.labels)) == (1438, 359)
    assert digits.train.labels.dtype == np.int64
    share = np.bincount(digits.test.labels) / np.bincount(load_original().target)
    assert np.all(np.abs(share - 0.2) < 0.005)
    assert digits.hashes == other.hashes


def test_hashes_are_those_of_the_parts():
    digits = data.load("digits")
    for part in ("train", "test"):
        split = getattr(digits, part)
        assert digits.hashes[part] == hashlib.sha256(split.images.tobytes() + split.labels.tobytes()).hexdigest()
