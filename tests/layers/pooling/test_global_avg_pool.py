import numpy as np
import pytest

from chainrule import layers


def test_forward_and_backward_of_small_numbers():
    Y, cache = layers.GlobalAvgPool().forward(np.array([[[[1.0, 2.0], [3.0, 6.0]], [[0.0, 0.0], [4.0, 0.0]]]]))
    np.testing.assert_array_equal(Y, [[[[3]], [[1]]]])
    dX, grads = layers.GlobalAvgPool().backward(np.array([[[[8.0]], [[4.0]]]]), cache)
    np.testing.assert_array_equal(dX, [[[[2, 2], [2, 2]], [[1, 1], [1, 1]]]])
    assert grads == {}


def test_an_input_that_is_no_batch_of_images_is_refused():
    with pytest.raises(ValueError, match=r"GlobalAvgPool\(\): X has shape .*, but must have shape \(S, C, H, W\)"):
        layers.GlobalAvgPool().forward(np.ones((3, 4)))


def test_images_without_a_place_are_refused():
    with pytest.raises(ValueError, match=r"X has shape \(2, 3, 0, 4\), but must have one place at least"):
        layers.GlobalAvgPool().forward(np.ones((2, 3, 0, 4)))
