import numpy as np
import pytest

from chainrule import layers


def test_whole_channels_are_dropped_or_scaled_and_backward_uses_the_same_mask():
    layer = layers.Dropout2d(0.75, rng=np.random.default_rng(0))
    X = np.random.default_rng(1).normal(size=(9, 8, 4, 3))
    Y, cache = layer.forward(X)
    kept = (Y != 0).any(axis=(2, 3))
    assert 0 < np.count_nonzero(kept) < kept.size
    np.testing.assert_array_equal(Y, X * np.where(kept, 4.0, 0.0)[:, :, None, None])
    dY = np.random.default_rng(2).normal(size=Y.shape)
    np.testing.assert_array_equal(layer.backward(dY, cache)[0], dY * np.where(kept, 4.0, 0.0)[:, :, None, None])


def test_an_input_that_is_no_batch_of_images_is_refused():
    with pytest.raises(ValueError, match=r"Dropout2d\(p=0.5\): X has shape .*, but must have shape \(S, C, H, W\)"):
        layers.Dropout2d().forward(np.ones((3, 4)))


def test_a_probability_out_of_range_is_refused():
    with pytest.raises(ValueError, match="Dropout2d: p is 2, but must lie between 0 and 1"):
        layers.Dropout2d(2)
