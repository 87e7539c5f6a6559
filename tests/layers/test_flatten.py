import numpy as np
import pytest

from chainrule import layers


@pytest.mark.parametrize(
    ("start", "end", "shape"),
    [(1, -1, (2, 60)), (0, -1, (120,)), (1, 2, (2, 12, 5)), (-2, -1, (2, 3, 20)), (2, 2, (2, 3, 4, 5))],
)
def test_the_named_axes_become_one_in_the_order_of_memory(start, end, shape):
    X = np.arange(120.0).reshape(2, 3, 4, 5)
    Y, cache = layers.Flatten(start, end).forward(X)
    assert Y.shape == shape
    np.testing.assert_array_equal(Y.ravel(), X.ravel())
    np.testing.assert_array_equal(layers.Flatten(start, end).backward(Y, cache)[0], X)


def test_a_contiguous_input_is_not_copied():
    X = np.ones((2, 3, 4))
    assert np.shares_memory(layers.Flatten().forward(X)[0], X)


def test_an_empty_batch_keeps_its_features():
    assert layers.Flatten().forward(np.ones((0, 3, 4)))[0].shape == (0, 12)


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (layers.Flatten(3, -1), r"so start_dim must lie in -3 … 2"),
        (layers.Flatten(1, -4), r"so end_dim must lie in -3 … 2"),
        (layers.Flatten(2, 1), r"start_dim comes after end_dim in X of shape \(2, 3, 4\)"),
    ],
)
def test_axes_that_do_not_fit_are_refused(layer, message):
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones((2, 3, 4)))
