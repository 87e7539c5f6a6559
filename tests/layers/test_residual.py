import numpy as np
import pytest

from chainrule import layers, nets


def test_the_input_is_added_and_the_cotangent_goes_both_ways():
    body = layers.Linear(1, 1, dtype=np.float64)
    body.load_state_dict({"weight": [[3]], "bias": [10]})
    layer = layers.Residual(body)
    Y, cache = layer.forward(np.array([[2.0]]))
    dX, grads = layer.backward(np.array([[5.0]]), cache)
    assert Y.item() == 18
    assert dX.item() == 20
    assert {name: grad.item() for name, grad in grads.items()} == {"body.weight": 10, "body.bias": 5}


def test_a_body_that_does_nothing_doubles_without_changing_its_input():
    X = np.ones((2, 3))
    Y, cache = layers.Residual(nets.Sequential()).forward(X)
    np.testing.assert_array_equal(Y, 2 * X)
    np.testing.assert_array_equal(layers.Residual(nets.Sequential()).backward(X, cache)[0], 2 * X)
    np.testing.assert_array_equal(X, np.ones((2, 3)))


def test_a_body_that_changes_the_shape_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(2, 3\), but the body's output has shape \(2, 1\)"):
        layers.Residual(layers.Linear(3, 1)).forward(np.ones((2, 3), np.float32))
