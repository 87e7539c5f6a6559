import numpy as np
import pytest

from chainrule import layers


def dense(layer):
    """The whole matrix (N, M) of the layer: its blocks, and zeros."""
    P, G = layer.places, layer.groups
    m, n = layer.in_features // P // G, layer.out_features // P // G
    whole = np.zeros((P, G, n, P, G, m))
    for g in range(G):
        whole[:, g, :, :, g] = layer.weight[g].reshape(P, n, P, m)
    return whole.reshape(layer.out_features, layer.in_features)


SHAPES = [(12, 6, 3, 1), (24, 12, 2, 3), (8, 8, 1, 4), (6, 3, 3, 1), (5, 4, 1, 1)]


@pytest.mark.parametrize(("M", "N", "groups", "places"), SHAPES)
@pytest.mark.parametrize("lead", [(7,), (2, 5), (0,)])
def test_it_is_the_linear_map_of_a_matrix_that_is_0_between_groups(M, N, groups, places, lead):
    rng = np.random.default_rng(0)
    layer = layers.BlockLinear(M, N, groups, places, rng=rng, dtype=np.float64)
    whole = layers.Linear(M, N, dtype=np.float64)
    whole.load_state_dict({"weight": dense(layer), "bias": layer.bias})
    X, dY = rng.normal(size=(*lead, M)), rng.normal(size=(*lead, N))
    Y, cache = layer.forward(X)
    expected, other = whole.forward(X)
    np.testing.assert_allclose(Y, expected, atol=1e-13)
    dX, grads = layer.backward(dY, cache)
    dX_expected, grads_expected = whole.backward(dY, other)
    np.testing.assert_allclose(dX, dX_expected, atol=1e-13)
    np.testing.assert_allclose(grads["bias"], grads_expected["bias"], atol=1e-13)
    inside = dense(layer) != 0
    layer.weight[...] = grads["weight"]
    np.testing.assert_allclose(dense(layer), np.where(inside, grads_expected["weight"], 0), atol=1e-13)
    for name, grad in layer.parameter_gradients(dY, cache).items():
        np.testing.assert_array_equal(grad, grads[name])


def test_a_layer_within_places_and_one_across_them_reach_every_output_from_every_input():
    rng = np.random.default_rng(1)
    within = layers.BlockLinear(36, 36, 6, rng=rng)
    across = layers.BlockLinear(36, 36, 6, 6, rng=rng)
    assert np.all(dense(across) @ dense(within) != 0)
    assert within.weight.size == across.weight.size == 6 * 6 * 6


def test_one_group_is_a_linear_layer_and_starts_as_one_of_its_size():
    layer = layers.BlockLinear(400, 200, 4, rng=np.random.default_rng(2))
    assert layer.weight.shape == (4, 50, 100)
    for array in layer.params.values():
        assert 0.099 < np.abs(array).max() <= 0.1
        assert array.dtype == np.float32
    assert layer.forward(np.ones((2, 400), np.float32))[0].dtype == np.float32


def test_frozen_parameters_get_no_gradients():
    layer = layers.BlockLinear(6, 4, 2, dtype=np.float64).freeze("weight")
    X = np.random.default_rng(3).normal(size=(5, 6))
    Y, cache = layer.forward(X)
    assert [*layer.backward(Y, cache)[1]] == ["bias"]
    assert [*layers.BlockLinear(6, 4, 2, bias=False).params] == ["weight"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((6, 4, 4), "in_features is 6, which 4 groups do not divide"),
        ((8, 6, 4), "out_features is 6, which 4 groups do not divide"),
        ((8, 8, 4, 4), "in_features is 8, which 4 groups in each of 4 places do not divide"),
        ((8, 8, 0), "groups is 0, but must be a whole number from 1 up"),
        ((8, 8, 2, 0), "places is 0, but must be a whole number from 1 up"),
        ((0, 8, 2), "in_features is 0, but must be a whole number from 1 up"),
        ((8, 8.5, 2), "out_features is 8.5, but must be a whole number from 1 up"),
    ],
)
@pytest.mark.parametrize("backend", ["layers", pytest.param("pytorch", marks=pytest.mark.torch)])
def test_sizes_that_do_not_fit_are_refused_by_name(backend, arguments, message):
    module = pytest.importorskip(f"chainrule.{backend}")
    with pytest.raises(ValueError, match=f"BlockLinear: {message}"):
        module.BlockLinear(*arguments)


def test_an_input_or_a_cotangent_of_another_size_is_refused():
    layer = layers.BlockLinear(6, 4, 2)
    with pytest.raises(ValueError, match=r"BlockLinear\(6, 4, groups=2\): X has shape \(3, 5\), but its axis -1 must"):
        layer.forward(np.ones((3, 5)))
    _, cache = layer.forward(np.ones((3, 6)))
    with pytest.raises(ValueError, match=r"dY has shape \(3, 6\), but the output has shape \(3, 4\)"):
        layer.backward(np.ones((3, 6)), cache)
