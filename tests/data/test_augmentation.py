import json
from typing import Any

import numpy as np
import pytest

from chainrule.data import Augmentation
from chainrule.data.augmentation import (
    TOGETHER,
    coarsen_images,
    deform_images,
    flip_images,
    list_views,
    mix_images,
    mix_labels,
    shift_images,
)
from chainrule.errors import UserError

SHAPE = (3, 6, 8)


@pytest.fixture
def images() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (11, *SHAPE), dtype=np.uint8)


@pytest.fixture
def labels() -> np.ndarray:
    return np.random.default_rng(2).integers(0, 4, 11)


def augmentation(seed: int = 0, **settings: Any) -> Augmentation:
    return Augmentation(SHAPE, 4, rng=np.random.default_rng(seed), **settings)


def test_chosen_images_are_mirrored_left_to_right(images: np.ndarray) -> None:
    before, chosen = images.copy(), np.arange(11) % 3 == 0
    flip_images(images, chosen)
    for image, original, mirrored in zip(images, before, chosen, strict=True):
        np.testing.assert_array_equal(image, original[:, :, ::-1] if mirrored else original)


@pytest.mark.parametrize("shape", [(6, 8), (7, 9), (1, 4), (2, 3)])
def test_coarse_images_have_the_mean_of_each_four_pixels_and_odd_edges_stay(shape: tuple[int, int]) -> None:
    images = np.random.default_rng(5).integers(0, 256, (3, 2, *shape), dtype=np.uint8)
    before, (height, width) = images.astype(float), (size // 2 for size in shape)
    coarsen_images(images)
    even = images[:, :, : 2 * height, : 2 * width].reshape(3, 2, height, 2, width, 2).astype(float)
    wanted = before[:, :, : 2 * height, : 2 * width].reshape(even.shape).mean(axis=(3, 5), keepdims=True)
    assert (even == np.floor(wanted + 0.5)).all()
    edges = np.ones(shape, bool)
    edges[: 2 * height, : 2 * width] = False
    np.testing.assert_array_equal(images[:, :, edges], before[:, :, edges])


def test_images_are_coarse_in_the_first_share_of_the_run_alone(images: np.ndarray, labels: np.ndarray) -> None:
    coarse = images.copy()
    coarsen_images(coarse)
    change = augmentation(coarse=0.3)
    for done, wanted in ((0.0, coarse), (0.29, coarse), (0.3, images), (0.99, images)):
        np.testing.assert_array_equal(change(images.copy(), labels, done=done)[0], wanted)


def test_the_identity_deforms_nothing_and_a_quarter_turn_turns() -> None:
    images = np.random.default_rng(0).integers(0, 256, (TOGETHER + 3, 2, 5, 5), dtype=np.uint8)
    matrices = np.array([[[1, 0], [0, 1]], [[0, 1], [-1, 0]]], float)
    deformed = deform_images(images, matrices)
    np.testing.assert_array_equal(deformed[:TOGETHER], images[:TOGETHER])
    np.testing.assert_array_equal(deformed[TOGETHER:], np.rot90(images[TOGETHER:], 1, axes=(2, 3)))


def test_a_deformed_slope_is_the_slope_at_the_deformed_places() -> None:
    h, w = np.meshgrid(np.arange(7.0), np.arange(9.0), indexing="ij")
    image = (30 + 16 * h + 8 * w).astype(np.uint8)
    A = np.array([[1.1, -0.2], [0.15, 0.9]])
    source_h = (A[0, 0] * (h - 3) + A[0, 1] * (w - 4) + 3).clip(0, 6)
    source_w = (A[1, 0] * (h - 3) + A[1, 1] * (w - 4) + 4).clip(0, 8)
    deformed = deform_images(image[None, None], A[None])[0, 0]
    rounding = (16 + 8) / 32 + 0.5  # half a sixteenth of the way down and to the right, and half a grey value
    assert np.abs(deformed - (30 + 16 * source_h + 8 * source_w)).max() <= rounding


def test_a_shift_reflects_the_edge() -> None:
    image = np.array([[10, 20, 30, 40]], np.uint8)  # one row
    rows = np.broadcast_to(image, (1, 1, 4, 4)).astype(np.uint8)
    none = np.array([0])
    np.testing.assert_array_equal(shift_images(rows, none, np.array([2]), 3)[0, 0, 0], [30, 20, 10, 20])
    np.testing.assert_array_equal(shift_images(rows, none, np.array([-1]), 3)[0, 0, 0], [20, 30, 40, 30])
    columns = rows.swapaxes(2, 3)
    np.testing.assert_array_equal(shift_images(columns, np.array([3]), none, 3)[0, 0, :, 0], [40, 30, 20, 10])


def test_each_image_is_shifted_by_its_own_offsets(images: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    down, right = rng.integers(-2, 3, (2, 11))
    shifted = shift_images(images, down, right, 2)
    for b in range(11):
        rows = [_reflect(h - down[b], 6) for h in range(6)]
        columns = [_reflect(w - right[b], 8) for w in range(8)]
        np.testing.assert_array_equal(shifted[b], images[b][:, rows][:, :, columns])


def _reflect(index: int, size: int) -> int:
    return size - 1 - abs(size - 1 - abs(index))


def test_an_image_is_mixed_with_the_one_before_it(images: np.ndarray) -> None:
    weights = np.array([0, 256, 128, 1, 255, 77, 200, 3, 90, 256, 13], np.uint16)
    mixed = mix_images(images, weights)
    exact = [(w * images[b] + (256.0 - w) * images[b - 1]) / 256 for b, w in enumerate(weights.astype(float))]
    np.testing.assert_array_equal(mixed, np.floor(np.array(exact) + 0.5))


def test_white_stays_white_and_black_black_at_every_weight() -> None:
    weights = np.arange(257, dtype=np.uint16)
    for colour in (0, 255):
        images = np.full((257, 1, 1, 1), colour, np.uint8)
        np.testing.assert_array_equal(mix_images(images, weights), images)


def test_targets_are_mixed_as_their_images_are() -> None:
    T = mix_labels(np.array([2, 0, 0]), np.array([64, 128, 32], np.uint16), 3)
    np.testing.assert_array_equal(T, [[0.75, 0, 0.25], [0.5, 0, 0.5], [1, 0, 0]])
    assert T.dtype == np.float32


def test_without_mixup_the_targets_are_the_labels(images: np.ndarray, labels: np.ndarray) -> None:
    changed, targets = augmentation(flip=True, shift=2)(images.copy(), labels)
    assert targets is labels
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, images)


def test_half_of_the_images_are_mirrored_and_all_offsets_occur() -> None:
    images = np.zeros((4000, 1, 5, 5), np.uint8)
    images[:, 0, 2, 1] = 255  # one pixel, off the middle: its place tells what was done
    flipped, _ = Augmentation((1, 5, 5), 2, flip=True, rng=np.random.default_rng(0))(images.copy(), np.zeros(4000, int))
    assert 1850 < np.count_nonzero(flipped[:, 0, 2, 3]) < 2150
    images = np.zeros((4000, 1, 5, 5), np.uint8)
    images[:, 0, 2, 2] = 255
    shifted, _ = Augmentation((1, 5, 5), 2, shift=1, rng=np.random.default_rng(0))(images, np.zeros(4000, int))
    counts = np.count_nonzero(shifted[:, 0, 1:4, 1:4], axis=0)
    assert counts.sum() == 4000
    assert counts.min() > 350
    assert counts.max() < 540


def test_a_state_goes_on_with_the_same_changes(images: np.ndarray, labels: np.ndarray) -> None:
    settings: dict[str, Any] = {"flip": True, "deform": 0.2, "shift": 2, "mixup": 0.4}
    first, second = augmentation(**settings), augmentation(99, **settings)
    first(images.copy(), labels)
    second.load_state(json.loads(json.dumps(first.state())))
    for _ in range(3):
        for one, other in zip(first(images.copy(), labels), second(images.copy(), labels), strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_shift_beyond_the_image_is_told() -> None:
    with pytest.raises(UserError, match="shift is 6, but images of 6 × 8 pixels can be shifted by 5 at most"):
        augmentation(shift=6)


def test_in_alternation_two_epochs_show_each_image_both_ways_and_half_begin_mirrored(images: np.ndarray) -> None:
    indices = np.arange(len(images))
    alternating = augmentation(flip=True, alternate=len(images))
    first, second, third = (
        alternating(images.copy(), np.zeros(len(images), np.int64), indices, epoch)[0] for epoch in range(3)
    )
    mirrored = images[:, :, :, ::-1]
    for k, image in enumerate(images):
        assert {first[k].tobytes(), second[k].tobytes()} == {image.tobytes(), mirrored[k].tobytes()}
    np.testing.assert_array_equal(first, third)
    many = augmentation(flip=True, alternate=10_000)
    assert 0.45 < many._phase.mean() < 0.55


def test_in_alternation_images_are_known_by_their_numbers_whatever_their_order(images: np.ndarray) -> None:
    alternating, order = augmentation(flip=True, alternate=len(images)), np.arange(len(images))[::-1]
    labels = np.zeros(len(images), np.int64)
    straight = alternating(images.copy(), labels, np.arange(len(images)), 0)[0]
    np.testing.assert_array_equal(alternating(images[order].copy(), labels, order, 0)[0], straight[order])


def test_another_run_of_the_same_seed_begins_mirrored_alike() -> None:
    one, two = (augmentation(seed=3, flip=True, alternate=50) for _ in range(2))
    one(np.zeros((50, 3, 6, 5), np.uint8), np.zeros(50, np.int64), np.arange(50), 0)
    np.testing.assert_array_equal(one._phase, two._phase)


@pytest.mark.parametrize(("places", "count"), [("nine", 9), ("three", 3)])
def test_the_shares_of_the_views_add_up_and_the_image_itself_is_among_them(
    images: np.ndarray, places: str, count: int
) -> None:
    views = list(list_views(images, True, 1, places))
    assert len(views) == 2 * count
    assert sum(share for share, _ in views) == pytest.approx(1)
    assert any(np.array_equal(view, images) for _, view in views)
    assert any(np.array_equal(view, images[:, :, :, ::-1]) for _, view in views)
    assert [share for share, _ in list_views(images, False, 0)] == [1]
