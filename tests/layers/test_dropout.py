import numpy as np
import pytest

from chainrule import layers


def test_entries_are_dropped_or_scaled_and_backward_uses_the_same_mask():
    layer = layers.Dropout(0.75, rng=np.random.default_rng(0))
    X = np.random.default_rng(1).normal(size=(30, 20))
    Y, cache = layer.forward(X)
    mask = np.where(Y != 0, 4.0, 0.0)
    np.testing.assert_array_equal(Y, X * mask)
    assert 0 < np.count_nonzero(mask) < mask.size
    dY = np.random.default_rng(2).normal(size=Y.shape)
    np.testing.assert_array_equal(layer.backward(dY, cache)[0], dY * mask)


def test_each_forward_draws_a_new_mask():
    layer, X = layers.Dropout(0.5, rng=np.random.default_rng(0)), np.ones((10, 10))
    assert not np.array_equal(layer.forward(X)[0], layer.forward(X)[0])


def test_the_same_generator_gives_the_same_mask_in_both_dtypes():
    masks = [layers.Dropout(0.5, rng=np.random.default_rng(4)).forward(np.ones((9, 7), t))[0] for t in "fd"]
    np.testing.assert_array_equal(*masks)


def test_evaluation_is_the_identity_and_draws_nothing():
    rng = np.random.default_rng(0)
    state = rng.bit_generator.state
    X = np.random.default_rng(1).normal(size=(3, 4))
    Y, cache = layers.Dropout(0.5, rng=rng).eval().forward(X)
    np.testing.assert_array_equal(Y, X)
    np.testing.assert_array_equal(layers.Dropout(0.5).backward(X, cache)[0], X)
    assert rng.bit_generator.state == state


def test_nothing_and_everything_may_be_dropped():
    X = np.full((3, 4), 2.0)
    np.testing.assert_array_equal(layers.Dropout(0.0).forward(X)[0], X)
    np.testing.assert_array_equal(layers.Dropout(1.0).forward(X)[0], np.zeros((3, 4)))


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_a_probability_out_of_range_is_refused(p):
    with pytest.raises(ValueError, match=f"Dropout: p is {p}, but must lie between 0 and 1"):
        layers.Dropout(p)
