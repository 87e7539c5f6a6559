import math

import numpy as np
import pytest

from chainrule import layers


def test_pairs_are_turned_by_angles_that_grow_with_the_step():
    X = np.array([[[1.0, 0.0, 0.0, 1.0]] * 3])
    Y, _ = layers.RotaryEmbedding(4, base=100.0).forward(X)
    for t in range(3):
        fast, slow = t, t / 10
        np.testing.assert_allclose(Y[0, t], [math.cos(fast), math.sin(fast), -math.sin(slow), math.cos(slow)])


def test_halves_are_the_same_pairs_in_another_order():
    X = np.random.default_rng(0).normal(size=(2, 5, 6))
    order = [0, 2, 4, 1, 3, 5]
    pairs, _ = layers.RotaryEmbedding(6).forward(X)
    halves, _ = layers.RotaryEmbedding(6, interleaved=False).forward(X[..., order])
    np.testing.assert_array_equal(halves, pairs[..., order])


@pytest.mark.parametrize("interleaved", [True, False])
def test_a_product_of_two_turned_vectors_depends_on_their_distance_alone(interleaved):
    rng = np.random.default_rng(1)
    q, k = rng.normal(size=(2, 8))
    turned = [layers.RotaryEmbedding(8, interleaved=interleaved).forward(np.tile(x, (20, 1)))[0] for x in (q, k)]
    products = turned[0] @ turned[1].T
    for distance in (-7, 0, 3):
        np.testing.assert_allclose(np.diagonal(products, distance), products[7, 7 + distance], rtol=1e-10)


def test_turning_keeps_lengths_and_turning_back_undoes_it():
    layer, X = layers.RotaryEmbedding(6), np.random.default_rng(2).normal(size=(3, 4, 6))
    Y, cache = layer.forward(X)
    np.testing.assert_allclose(np.linalg.norm(Y, axis=-1), np.linalg.norm(X, axis=-1), rtol=1e-12)
    np.testing.assert_allclose(layer.backward(Y, cache)[0], X, rtol=1e-12)


@pytest.mark.parametrize(("dim", "base"), [(5, 10.0), (4, 0.0), (4, -1.0)])
def test_an_odd_number_of_features_or_no_base_is_refused(dim, base):
    with pytest.raises(ValueError, match="dim must be even and base positive"):
        layers.RotaryEmbedding(dim, base)


def test_a_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(3, 4, 5\), but must have shape \(…, T, 6\)"):
        layers.RotaryEmbedding(6).forward(np.ones((3, 4, 5)))
