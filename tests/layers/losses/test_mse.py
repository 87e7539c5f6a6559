import numpy as np
import pytest

from chainrule import layers


def test_small_numbers():
    loss = layers.MSELoss()
    value, cache = loss.forward(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1, 0], [3, 0]]))
    assert value == 5
    np.testing.assert_array_equal(loss.backward(cache), [[0, 1], [0, 2]])


def test_any_shape_is_accepted_and_the_mean_is_over_all_entries():
    X = np.ones((2, 3, 4))
    value, cache = layers.MSELoss().forward(X, np.zeros_like(X))
    assert value == 1
    np.testing.assert_allclose(layers.MSELoss().backward(cache), X / 12, rtol=1e-15)


@pytest.mark.parametrize("shape", [(3,), (2, 1), (3, 2)])
def test_targets_are_not_broadcast(shape):
    with pytest.raises(ValueError, match=r"MSELoss\(\): X has shape \(2, 3\) and targets .*, but they must be equal"):
        layers.MSELoss().forward(np.ones((2, 3)), np.ones(shape))
