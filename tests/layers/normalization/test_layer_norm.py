import numpy as np
import pytest

from chainrule import layers


def test_forward_of_small_numbers():
    layer = layers.LayerNorm(2, eps=0.0, dtype=np.float64)
    layer.load_state_dict({"weight": [3, 1], "bias": [10, 0]})
    np.testing.assert_array_equal(layer.forward(np.array([[1.0, 5.0], [9.0, 3.0]]))[0], [[7, 1], [13, -1]])


def test_backward_takes_away_the_mean_and_the_part_along_the_normalised_input():
    layer = layers.LayerNorm(4, eps=0.0, dtype=np.float64)
    _, cache = layer.forward(np.array([[-1.0, -1.0, 1.0, 1.0]]))
    dX, grads = layer.backward(np.array([[4.0, 0.0, 0.0, 0.0]]), cache)
    np.testing.assert_array_equal(dX, [[2, -2, 0, 0]])
    np.testing.assert_array_equal(grads["weight"], [-4, 0, 0, 0])
    np.testing.assert_array_equal(grads["bias"], [4, 0, 0, 0])


def test_one_number_stands_for_a_shape_of_one_axis():
    assert layers.LayerNorm(5).normalized_shape == layers.LayerNorm((5,)).normalized_shape == (5,)
    assert layers.LayerNorm((4, 5)).params["weight"].shape == (4, 5)


def test_rows_of_low_variance_come_out_small_by_eps():
    X = np.array([[1e-6, -1e-6]])
    np.testing.assert_allclose(
        layers.LayerNorm(2, dtype=np.float64).forward(X)[0], X / np.sqrt(1e-5 + 1e-12), rtol=1e-14
    )


def test_the_variance_is_right_far_from_zero():
    X = np.array([[10_000, 10_001, 10_002, 10_003]], np.float32)
    expected = (X - 10_001.5) / np.sqrt(1.25 + 1e-5)
    np.testing.assert_allclose(layers.LayerNorm(4).forward(X)[0], expected, rtol=1e-6)


def test_an_empty_batch_gives_an_empty_output_and_gradients_of_zero():
    layer = layers.LayerNorm(3)
    Y, cache = layer.forward(np.ones((0, 3), np.float32))
    dX, grads = layer.backward(Y, cache)
    assert dX.shape == (0, 3)
    np.testing.assert_array_equal(grads["weight"], np.zeros(3))


@pytest.mark.parametrize("shape", [(3,), (5, 4), (4, 4)])
def test_a_wrong_shape_is_refused(shape):
    layer = layers.LayerNorm((4, 5))
    with pytest.raises(ValueError, match=r"LayerNorm\(\(4, 5\)\): X has shape .*, but its last axes must be \(4, 5\)"):
        layer.forward(np.ones(shape))


@pytest.mark.parametrize("shape", [(), 0, (3, 0)])
def test_a_shape_without_entries_is_refused(shape):
    with pytest.raises(ValueError, match=r"LayerNorm: normalized_shape is .*, but must hold sizes of at least 1"):
        layers.LayerNorm(shape)
