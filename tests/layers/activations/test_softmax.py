"""Softmax and its logarithm."""

import math

import numpy as np
import pytest

from chainrule import layers

BOTH = [layers.Softmax, layers.LogSoftmax]


def test_softmax_of_small_numbers():
    Y, cache = layers.Softmax().forward(np.log([[1.0, 2.0, 5.0]]))
    np.testing.assert_allclose(Y, [[0.125, 0.25, 0.625]], rtol=1e-15)
    dX, _ = layers.Softmax().backward(np.array([[8.0, 0.0, 0.0]]), cache)
    np.testing.assert_allclose(dX, [[0.875, -0.25, -0.625]], rtol=1e-15)


def test_log_softmax_of_small_numbers():
    Y, cache = layers.LogSoftmax().forward(np.log([[1.0, 2.0, 5.0]]))
    np.testing.assert_allclose(Y, np.log([[0.125, 0.25, 0.625]]), rtol=1e-15)
    dX, _ = layers.LogSoftmax().backward(np.array([[8.0, 0.0, 0.0]]), cache)
    np.testing.assert_allclose(dX, [[7, -2, -5]], rtol=1e-15)


def test_other_samples_do_not_matter():
    X, dY = np.random.default_rng(0).normal(size=(2, 4, 3))
    for layer in (layers.Softmax(), layers.LogSoftmax()):
        _, cache = layer.forward(X)
        _, alone = layer.forward(X[1:2])
        np.testing.assert_array_equal(layer.backward(dY, cache)[0][1:2], layer.backward(dY[1:2], alone)[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_ten_thousand_are_safe(dtype):
    X = np.array([[1e4, -1e4, 0], [1e4, 1e4, -1e4]], dtype)
    Y, cache = layers.Softmax().forward(X)
    np.testing.assert_array_equal(Y, [[1, 0, 0], [0.5, 0.5, 0]])
    dY = np.array([[3, 5, 7], [1, 2, 3]], dtype)
    np.testing.assert_array_equal(layers.Softmax().backward(dY, cache)[0], [[0, 0, 0], [-0.25, 0.25, 0]])
    Y, cache = layers.LogSoftmax().forward(X)
    half = dtype(-math.log(2))
    np.testing.assert_array_equal(Y, [[0, -2e4, -1e4], [half, half, dtype(-2e4 + half)]])
    dX, _ = layers.LogSoftmax().backward(dY, cache)
    np.testing.assert_allclose(dX, [[-12, 5, 7], [-2, -1, 3]], rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_takes_the_whole_range_of_the_dtype(dtype):
    far = np.finfo(dtype).max
    np.testing.assert_array_equal(layers.Softmax().forward(np.array([[far, -far, 0]]))[0], [[1, 0, 0]])


@pytest.mark.parametrize("layer", BOTH)
@pytest.mark.parametrize("dim", [-3, 2, 7])
def test_an_axis_that_is_not_there_is_refused(layer, dim):
    with pytest.raises(ValueError, match=rf"oftmax\(dim={dim}\): X has shape \(4, 3\), so dim must lie in -2 … 1"):
        layer(dim).forward(np.ones((4, 3)))


@pytest.mark.parametrize("layer", BOTH)
def test_an_empty_batch_gives_an_empty_output(layer):
    Y, cache = layer().forward(np.ones((0, 3)))
    assert Y.shape == layer().backward(Y, cache)[0].shape == (0, 3)
