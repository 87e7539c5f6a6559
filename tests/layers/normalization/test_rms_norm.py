import numpy as np
import pytest

from chainrule import layers


def test_small_numbers():
    layer = layers.RMSNorm(2, eps=0.0, dtype=np.float64)
    layer.weight[...] = [1, 10]
    Y, cache = layer.forward(np.array([[1.0, 7.0], [-3.0, 4.0]]))  # root mean squares 5 and √12.5
    np.testing.assert_allclose(Y, [[0.2, 14], [-3 / 12.5**0.5, 40 / 12.5**0.5]], rtol=1e-14)
    dX, grads = layer.backward(np.array([[5.0, 0.0], [0.0, 0.0]]), cache)
    np.testing.assert_allclose(dX, [[0.98, -0.14], [0, 0]], rtol=1e-13)
    np.testing.assert_allclose(grads["weight"], [1, 0], rtol=1e-14)


def test_stretching_a_sample_changes_no_output_but_moving_it_does():
    X = np.random.default_rng(0).normal(size=(3, 5))
    layer = layers.RMSNorm(5, eps=0.0)
    Y, cache = layer.forward(X)
    np.testing.assert_allclose(layer.forward(7 * X)[0], Y, rtol=1e-12)
    assert not np.allclose(layer.forward(X + 1)[0], Y)
    dX, _ = layer.backward(np.random.default_rng(1).normal(size=X.shape), cache)
    np.testing.assert_allclose((dX * X).sum(axis=1), 0, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_without_eps_it_is_the_spacing_of_the_numbers_and_zeros_stay_zeros(dtype):
    layer = layers.RMSNorm(4, dtype=dtype)
    small = np.full((1, 4), np.finfo(dtype).eps ** 0.5, dtype)
    np.testing.assert_allclose(layer.forward(small)[0], 0.5**0.5, rtol=1e-6)
    Y, cache = layer.forward(np.zeros((2, 4), dtype))
    assert not Y.any()
    assert np.isfinite(layer.backward(np.ones_like(Y), cache)[0]).all()


def test_many_rows_are_normalised_part_by_part():
    X = np.random.default_rng(2).normal(size=(3000, 64))
    layer = layers.RMSNorm(64, dtype=np.float64)
    Y, cache = layer.forward(X)
    np.testing.assert_allclose(Y, X / np.sqrt((X**2).mean(axis=1, keepdims=True)), rtol=1e-12)
    dY = np.random.default_rng(3).normal(size=X.shape)
    np.testing.assert_allclose(layer.backward(dY, cache)[1]["weight"], (dY * Y).sum(axis=0), rtol=1e-10)


@pytest.mark.parametrize("shape", [(3, 4), (5,), (5, 2, 3)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"RMSNorm\(\(5, 2\)\): X has shape .*, but its last axes must be \(5, 2\)"):
        layers.RMSNorm((5, 2)).forward(np.ones(shape))


def test_a_size_of_zero_is_refused():
    with pytest.raises(ValueError, match=r"RMSNorm: normalized_shape is \(3, 0\)"):
        layers.RMSNorm((3, 0))
