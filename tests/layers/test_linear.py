import numpy as np
import pytest

from chainrule import layers


def small():
    layer = layers.Linear(2, 3, dtype=np.float64)
    layer.load_state_dict({"weight": [[1, 2], [3, 4], [5, 6]], "bias": [10, 20, 30]})
    return layer


def test_forward_of_small_numbers():
    Y, _ = small().forward(np.array([[1.0, -1.0], [2.0, 0.0]]))
    np.testing.assert_array_equal(Y, [[9, 19, 29], [12, 26, 40]])


def test_backward_of_small_numbers():
    _, cache = small().forward(np.array([[1.0, -1.0], [2.0, 0.0]]))
    dX, grads = small().backward(np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]]), cache)
    np.testing.assert_array_equal(dX, [[11, 14], [3, 4]])
    np.testing.assert_array_equal(grads["weight"], [[1, -1], [2, 0], [2, -2]])
    np.testing.assert_array_equal(grads["bias"], [1, 1, 2])


def test_the_same_generator_draws_the_same_layer_within_the_bounds_of_the_default():
    first, second = (layers.Linear(16, 400, rng=np.random.default_rng(3)) for _ in range(2))
    for name in ("weight", "bias"):
        np.testing.assert_array_equal(first.params[name], second.params[name])
        assert 0.23 < np.abs(first.params[name]).max() <= 0.25


def test_the_gradient_is_laid_out_in_memory_as_the_weight_is():
    layer = small()
    _, grads = layer.backward(np.ones((4, 3)), np.ones((4, 2)))
    assert layer.weight.flags.f_contiguous
    assert grads["weight"].flags.f_contiguous


@pytest.mark.parametrize("shape", [(4, 3), (3,), (), (3, 2, 3)])
def test_a_wrong_number_of_features_is_refused(shape):
    with pytest.raises(ValueError, match=r"Linear\(2, 3\): X has shape .*, but its axis -1 must be 2"):
        small().forward(np.ones(shape))


@pytest.mark.parametrize(("name", "value"), [("in_features", -1), ("out_features", 0), ("out_features", 2.5)])
def test_a_wrong_size_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"Linear: {name} is {value}, but must be a whole number from"):
        layers.Linear(**{"in_features": 2, "out_features": 3, name: value})
