import numpy as np
import pytest

from chainrule.data import Split
from chainrule.train.learners.inputs import prepare_inputs


@pytest.fixture
def split() -> Split:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 200, (69, 3, 4, 6), dtype=np.uint8)
    images[:, 2] = 9  # a channel of one value
    return Split(images, rng.integers(0, 2, len(images)))


def written(kind: str, split: Split) -> np.ndarray:
    out = np.empty((len(split.images), 3 * 4 * 6))
    return prepare_inputs(kind, split, np.float64).write(split.images, out)


def test_mean_image_inputs_are_centred_in_every_pixel(split: Split) -> None:
    X = written("mean-image", split)
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(np.diff(X[:, 0]), np.diff(split.images[:, 0, 0, 0].astype(float)))


def test_standardised_inputs_have_mean_0_and_deviation_1_in_each_channel(split: Split) -> None:
    X = written("standardised", split).reshape(-1, 3, 24)
    np.testing.assert_allclose(X.mean(axis=(0, 2)), 0, atol=1e-9)
    np.testing.assert_allclose(X.std(axis=(0, 2)), [1, 1, 0], atol=1e-9)


def test_unit_inputs_are_pixels_over_255(split: Split) -> None:
    np.testing.assert_allclose(written("unit", split), split.images.reshape(len(split.images), -1) / 255)


def test_writing_keeps_the_dtype_and_the_buffer(split: Split) -> None:
    out = np.empty((7, 72), np.float32)
    assert prepare_inputs("standardised", split, np.float32).write(split.images[:7], out) is out
