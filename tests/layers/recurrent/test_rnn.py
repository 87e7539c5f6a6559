from itertools import pairwise

import numpy as np
import pytest

from chainrule import layers


def small(norm=None, **options):
    layer = layers.RNN(1, 1, norm=norm, dtype=np.float64, **options)
    for name, value in {"weight_ih_l0": 2.0, "weight_hh_l0": 0.5, "bias_ih_l0": 1.0, "bias_hh_l0": -2.0}.items():
        if name in layer.params:
            layer.params[name][...] = value
    return layer


def test_each_state_is_made_from_its_input_and_the_state_before():
    H, _ = small(nonlinearity="relu").forward(np.array([[[1.0], [0.0], [3.0]], [[2.0], [4.0], [0.0]]]))
    np.testing.assert_array_equal(H[:, :, 0], [[1, 0, 5], [3, 8.5, 3.25]])


def test_the_cotangent_of_a_state_returns_to_all_steps_before_it():
    layer = small(nonlinearity="relu")
    _, cache = layer.forward(np.array([[[2.0], [4.0], [3.0]]]))  # states 3, 8.5, 9.25
    dX, grads = layer.backward(np.array([[[0.0], [0.0], [8.0]]]), cache)
    np.testing.assert_array_equal(dX[0, :, 0], [4, 8, 16])  # dA = 2, 4, 8
    np.testing.assert_array_equal(grads["weight_ih_l0"], [[2 * 2 + 4 * 4 + 8 * 3]])
    np.testing.assert_array_equal(grads["weight_hh_l0"], [[4 * 3 + 8 * 8.5]])
    np.testing.assert_array_equal(grads["bias_ih_l0"], [14])
    np.testing.assert_array_equal(grads["bias_hh_l0"], [14])


def test_the_first_state_does_not_feel_the_recurrent_weights():
    X = np.random.default_rng(0).normal(size=(3, 1, 4))
    layer = layers.RNN(4, 2, dtype=np.float64)
    H, cache = layer.forward(X)
    np.testing.assert_array_equal(layer.backward(H, cache)[1]["weight_hh_l0"], np.zeros((2, 2)))


def test_layer_norm_ignores_the_scale_of_the_summed_inputs_and_batch_norm_does_too():
    X = np.random.default_rng(1).normal(size=(5, 3, 4))
    for norm, steps in (("layer", None), ("batch", 3)):
        layer = layers.RNN(4, 6, norm=norm, steps=steps, eps=0.0, dtype=np.float64)
        expected, _ = layer.forward(X)
        layer.weight_ih_l0 *= 8
        layer.weight_hh_l0 *= 8
        np.testing.assert_allclose(layer.forward(X)[0], expected, rtol=1e-12)


def test_batch_norm_tracks_each_step_apart_with_one_gain_for_all():
    layer = layers.RNN(2, 3, norm="batch", steps=4, dtype=np.float64)
    layer.forward(np.random.default_rng(2).normal(size=(8, 3, 2)))
    means = [layer.buffers[f"norms.{t}.running_mean"] for t in range(4)]
    assert all(not np.array_equal(a, b) for a, b in pairwise(means))
    np.testing.assert_array_equal(means[3], np.zeros(3))  # no sequence was so long
    assert [int(layer.buffers[f"norms.{t}.num_batches_tracked"]) for t in range(4)] == [1, 1, 1, 0]
    assert layer.params["gain"].shape == layer.params["shift"].shape == (3,)


@pytest.mark.parametrize("norm", [None, "layer", "batch"])
def test_parameters_begin_within_one_over_the_root_of_the_states(norm):
    layer = layers.RNN(4, 25, norm=norm, steps=2 if norm == "batch" else None, rng=np.random.default_rng(0))
    biases = ["bias_ih_l0", "bias_hh_l0"] if norm is None else []
    for name in ["weight_ih_l0", "weight_hh_l0", *biases]:
        assert 0.15 < np.abs(layer.params[name]).max() <= 0.2
    assert set(layer.params) == {"weight_ih_l0", "weight_hh_l0", *(biases or ["gain", "shift"])}


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 5), (1, 3, 2, 4)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"RNN\(4, 6\): X has shape .*, but must have shape \(S, T, 4\)"):
        layers.RNN(4, 6).forward(np.ones(shape))


def test_a_sequence_longer_than_the_statistics_is_refused():
    with pytest.raises(ValueError, match=r"RNN\(4, 6, norm='batch'\): .* statistics for 2 steps"):
        layers.RNN(4, 6, norm="batch", steps=2).forward(np.ones((5, 3, 4)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"nonlinearity": "elu"}, "nonlinearity is 'elu', but must be one of tanh, relu"),
        ({"norm": "group"}, "norm is 'group', but must be None, layer or batch"),
        ({"norm": "batch"}, "steps goes with norm='batch', and must then be given"),
        ({"norm": "layer", "steps": 3}, "steps goes with norm='batch'"),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        layers.RNN(4, 6, **options)
