import numpy as np

from chainrule import layers

X = np.array([[[[1.0, 5.0, 2.0], [7.0, 3.0, 4.0], [6.0, 0.0, 8.0]]]])
dY = np.array([[[[9.0, 18.0], [27.0, 36.0]]]])


def test_forward_and_backward_of_small_numbers():
    layer = layers.AvgPool2d(2, stride=1)
    Y, cache = layer.forward(X)
    np.testing.assert_array_equal(Y, [[[[4, 3.5], [4, 3.75]]]])
    dX, grads = layer.backward(4 * dY, cache)
    np.testing.assert_array_equal(dX, [[[[9, 27, 18], [36, 90, 54], [27, 63, 36]]]])
    assert grads == {}


def test_padding_counts_as_zeros():
    Y, cache = layers.AvgPool2d(3, stride=2, padding=1).forward(9 * X)
    np.testing.assert_array_equal(Y, [[[[16, 14], [16, 15]]]])
    dX, _ = layers.AvgPool2d(3, stride=2, padding=1).backward(dY, cache)
    np.testing.assert_array_equal(dX, [[[[1, 3, 2], [4, 10, 6], [3, 7, 4]]]])


def test_padding_may_be_left_out_of_the_mean():
    layer = layers.AvgPool2d(3, stride=2, padding=1, count_include_pad=False)
    Y, cache = layer.forward(4 * X)
    np.testing.assert_array_equal(Y, [[[[16, 14], [16, 15]]]])
    dX, _ = layer.backward(dY, cache)
    np.testing.assert_allclose(4 * dX, [[[[9, 27, 18], [36, 90, 54], [27, 63, 36]]]], rtol=1e-15)
