import numpy as np
import pytest

from chainrule import layers


def test_each_group_of_each_sample_has_mean_zero_and_variance_one():
    X = np.random.default_rng(0).normal(3, 5, (2, 6, 4, 3))
    groups = layers.GroupNorm(3, 6, eps=0).forward(X)[0].reshape(2, 3, -1)
    np.testing.assert_allclose(groups.mean(axis=2), 0, atol=1e-14)
    np.testing.assert_allclose(groups.var(axis=2), 1, rtol=1e-13)


def test_one_group_is_layer_norm_and_a_group_for_each_channel_is_instance_norm():
    X = np.random.default_rng(1).normal(size=(2, 6, 4, 3))
    whole, _ = layers.GroupNorm(1, 6).forward(X)
    np.testing.assert_allclose(whole, layers.LayerNorm((6, 4, 3)).forward(X)[0], rtol=1e-12)
    alone, _ = layers.GroupNorm(6, 6).forward(X)
    np.testing.assert_array_equal(alone, layers.InstanceNorm2d(6).forward(X)[0])


def test_moving_or_stretching_a_group_changes_no_output():
    X = np.random.default_rng(2).normal(size=(2, 4, 5))
    layer = layers.GroupNorm(2, 4, eps=0)
    Y, cache = layer.forward(X)
    moved = X.copy()
    moved[1, 2:] = 3 * moved[1, 2:] + 7
    np.testing.assert_allclose(layer.forward(moved)[0], Y, rtol=1e-10, atol=1e-12)
    dX = layer.backward(np.random.default_rng(3).normal(size=X.shape), cache)[0].reshape(2, 2, -1)
    np.testing.assert_allclose(dX.sum(axis=2), 0, atol=1e-12)
    np.testing.assert_allclose((dX * X.reshape(dX.shape)).sum(axis=2), 0, atol=1e-12)


def test_images_that_lie_channels_last_give_the_same():
    X = np.random.default_rng(4).normal(size=(2, 4, 5, 3))
    last = np.ascontiguousarray(X.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(layers.GroupNorm(2, 4).forward(last)[0], layers.GroupNorm(2, 4).forward(X)[0])


def test_no_samples_are_no_trouble():
    layer = layers.GroupNorm(2, 4)
    Y, cache = layer.forward(np.ones((0, 4, 3), np.float32))
    dX, grads = layer.backward(Y, cache)
    assert Y.shape == dX.shape == (0, 4, 3)
    np.testing.assert_array_equal(grads["weight"], np.zeros(4))


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            layers.GroupNorm(2, 4),
            (3, 5, 2),
            r"GroupNorm\(2, 4\): X has shape \(3, 5, 2\), but .* \(S, 4, …\)",
        ),
        (layers.GroupNorm(4, 4), (3, 4), "training needs two values in each group"),
        (layers.GroupNorm(2, 4), (3, 4, 0), "must have one place at least"),
        (
            layers.InstanceNorm1d(4),
            (3, 4),
            r"InstanceNorm1d\(4\): X has shape \(3, 4\), but .* \(S, 4, T\)",
        ),
        (layers.InstanceNorm1d(4), (3, 4, 1), "training needs two values in each group"),
        (layers.InstanceNorm2d(4, affine=True), (3, 4, 2), r"InstanceNorm2d\(4, affine=True\): .*\(S, 4, H, W\)"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones(shape))


def test_one_value_in_a_group_is_no_trouble_in_evaluation():
    Y, _ = layers.InstanceNorm1d(2).eval().forward(np.full((1, 2, 1), 5.0))
    np.testing.assert_array_equal(Y, np.zeros((1, 2, 1)))


def test_groups_that_do_not_divide_the_channels_are_refused():
    with pytest.raises(ValueError, match="num_channels is 5, but must be a multiple of 2 groups"):
        layers.GroupNorm(2, 5)
