import numpy as np
import pytest

from chainrule import layers


def test_forward_of_small_numbers():
    layer = layers.BatchNorm1d(2, eps=0.0, dtype=np.float64)
    layer.load_state_dict({**layer.state_dict(), "weight": [3, 1], "bias": [10, 0]})
    Y, _ = layer.forward(np.array([[1.0, 5.0], [3.0, 9.0]]))
    np.testing.assert_array_equal(Y, [[7, -1], [13, 1]])


def test_backward_takes_away_the_mean_and_the_part_along_the_normalised_input():
    layer = layers.BatchNorm1d(1, eps=0.0, dtype=np.float64)
    _, cache = layer.forward(np.array([[-1.0], [-1.0], [1.0], [1.0]]))
    dX, grads = layer.backward(np.array([[4.0], [0.0], [0.0], [0.0]]), cache)
    np.testing.assert_array_equal(dX, [[2], [-2], [0], [0]])
    np.testing.assert_array_equal(grads["weight"], [-4])
    np.testing.assert_array_equal(grads["bias"], [4])


def test_running_statistics_move_by_the_momentum_towards_the_unbiased_variance():
    layer = layers.BatchNorm1d(1, momentum=0.25, dtype=np.float64)
    layer.forward(np.array([[1.0], [3.0]]))
    np.testing.assert_array_equal(layer.running_mean, [0.5])
    np.testing.assert_array_equal(layer.running_var, [1.25])
    assert layer.num_batches_tracked == 1


def test_without_momentum_running_statistics_are_the_mean_of_all_batches():
    layer = layers.BatchNorm1d(1, momentum=None, dtype=np.float64)
    for centre in (0.0, 6.0, 9.0):
        layer.forward(np.array([[centre - 1], [centre + 1]]))
    np.testing.assert_allclose(layer.running_mean, [5], rtol=1e-15)
    np.testing.assert_allclose(layer.running_var, [2], rtol=1e-15)


def test_evaluation_uses_the_running_statistics():
    layer = layers.BatchNorm1d(1, eps=0.0, dtype=np.float64).eval()
    layer.running_mean[...], layer.running_var[...] = 2, 4
    Y, cache = layer.forward(np.array([[4.0]]))
    np.testing.assert_array_equal(Y, [[1]])
    np.testing.assert_array_equal(layer.backward(np.array([[6.0]]), cache)[0], [[3]])


def test_a_cache_of_training_is_differentiated_as_training_even_after_eval():
    X, dY = np.random.default_rng(0).normal(size=(2, 6, 3))
    layer = layers.BatchNorm1d(3, dtype=np.float64)
    _, cache = layer.forward(X)
    expected = layer.backward(dY, cache)[0]
    np.testing.assert_array_equal(layer.eval().backward(dY, cache)[0], expected)


def test_places_count_as_samples():
    X = np.random.default_rng(0).normal(size=(4, 3, 5))
    Y, _ = layers.BatchNorm1d(3, dtype=np.float64).forward(X)
    rows, _ = layers.BatchNorm1d(3, dtype=np.float64).forward(X.transpose(0, 2, 1).reshape(20, 3))
    np.testing.assert_array_equal(Y.transpose(0, 2, 1).reshape(20, 3), rows)


def test_the_variance_is_right_far_from_zero():
    X = (np.random.default_rng(0).normal(size=(200, 3)) + 1e4).astype(np.float32)
    layer = layers.BatchNorm1d(3, momentum=1.0)
    layer.forward(X)
    np.testing.assert_allclose(layer.running_var, X.astype(float).var(axis=0, ddof=1), rtol=1e-5)


@pytest.mark.parametrize("shape", [(1, 3), (0, 3), (1, 3, 1)])
def test_training_needs_two_values_of_each_feature(shape):
    layer = layers.BatchNorm1d(3)
    with pytest.raises(ValueError, match=r"BatchNorm1d\(3\): X has shape .*, but training needs two values of each"):
        layer.forward(np.ones(shape, np.float32))
    assert layer.num_batches_tracked == 0
    assert layer.eval().forward(np.ones(shape, np.float32))[0].shape == shape


@pytest.mark.parametrize("shape", [(3,), (4, 2), (4, 5, 3), (4, 3, 2, 2)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(
        ValueError, match=r"BatchNorm1d\(3\): X has shape .*, but must have shape \(S, 3\) or \(S, 3, L\)"
    ):
        layers.BatchNorm1d(3).forward(np.ones(shape))


@pytest.mark.parametrize("features", [0, -1, 2.5])
@pytest.mark.parametrize("kind", ["BatchNorm1d", "BatchNorm2d", "BatchNormReLU2d"])
def test_a_wrong_number_of_features_is_refused_by_name(kind, features):
    with pytest.raises(ValueError, match=f"{kind}: num_features is {features}, but must be a whole number from 1 up"):
        getattr(layers, kind)(features)
