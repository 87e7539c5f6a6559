import math

import numpy as np
import pytest

from chainrule import layers
from chainrule.layers.recurrent.gated import cut_samples

BOTH = pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU])


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def test_an_lstm_takes_in_forgets_and_shows_as_its_gates_say():
    layer = layers.LSTM(1, 1, dtype=np.float64)
    for array in layer.params.values():
        array[...] = 0
    layer.weight_ih_l0[:, 0] = [1, 2, 3, 4]  # I, F, G and O
    layer.bias_hh_l0[...] = [0.5, 0, 0, 0]
    H, _ = layer.forward(np.array([[[1.0], [-1.0]]]))
    first = sigmoid(1.5) * math.tanh(3)
    second = sigmoid(-2) * first + sigmoid(-0.5) * math.tanh(-3)
    expected = [sigmoid(4) * math.tanh(first), sigmoid(-4) * math.tanh(second)]
    np.testing.assert_allclose(H[0, :, 0], expected, rtol=1e-14)


def test_a_gru_keeps_and_resets_as_its_gates_say():
    layer = layers.GRU(1, 1, dtype=np.float64)
    for array in layer.params.values():
        array[...] = 0
    layer.weight_ih_l0[:, 0] = [1, 2, 3]  # R, Z and G
    layer.weight_hh_l0[2, 0] = 5
    layer.bias_hh_l0[2] = 0.5
    H, _ = layer.forward(np.array([[[1.0], [-1.0]]]))
    first = (1 - sigmoid(2)) * math.tanh(3 + sigmoid(1) * 0.5)
    new = math.tanh(-3 + sigmoid(-1) * (5 * first + 0.5))
    np.testing.assert_allclose(H[0, :, 0], [first, (1 - sigmoid(-2)) * new + sigmoid(-2) * first], rtol=1e-14)


@BOTH
def test_the_first_state_does_not_feel_the_recurrent_weights(kind):
    layer, X = kind(4, 3, dtype=np.float64), np.random.default_rng(0).normal(size=(5, 1, 4))
    H, cache = layer.forward(X)
    np.testing.assert_array_equal(layer.backward(H, cache)[1]["weight_hh_l0"], np.zeros((3 * layer.GATES, 3)))


@BOTH
def test_parts_of_a_batch_give_what_the_whole_gives(kind):
    layer, rng = kind(4, 3, dtype=np.float64), np.random.default_rng(1)
    X, dY = rng.normal(size=(70, 6, 4)), rng.normal(size=(70, 6, 3))
    assert len(cut_samples(70)) > 1
    H, cache = layer.forward(X)
    dX, grads = layer.backward(dY, cache)
    halves = [layer.forward(X[part]) for part in (slice(0, 9), slice(9, 70))]
    np.testing.assert_allclose(np.concatenate([half for half, _ in halves]), H, rtol=1e-12)
    found = [layer.backward(dY[part], halves[k][1]) for k, part in enumerate((slice(0, 9), slice(9, 70)))]
    np.testing.assert_allclose(np.concatenate([half for half, _ in found]), dX, rtol=1e-10, atol=1e-12)
    for name, grad in grads.items():
        np.testing.assert_allclose(found[0][1][name] + found[1][1][name], grad, rtol=1e-10, atol=1e-12)


@BOTH
def test_no_steps_and_no_samples_are_no_trouble(kind):
    layer = kind(4, 3)
    for shape in ((2, 0), (0, 5)):
        H, cache = layer.forward(np.ones((*shape, 4), np.float32))
        dX, grads = layer.backward(H, cache)
        assert (H.shape, dX.shape) == ((*shape, 3), (*shape, 4))
        assert not any(grad.any() for grad in grads.values())


@BOTH
def test_parameters_begin_within_one_over_the_root_of_the_states(kind):
    layer = kind(4, 25, rng=np.random.default_rng(0))
    assert list(layer.params) == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    for array in layer.params.values():
        assert 0.18 < np.abs(array).max() <= 0.2
    assert list(kind(4, 25, bias=False).params) == ["weight_ih_l0", "weight_hh_l0"]


@BOTH
@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 5), (1, 3, 2, 4)])
def test_a_wrong_shape_is_refused(kind, shape):
    with pytest.raises(ValueError, match=rf"{kind.__name__}\(4, 6\): X has shape .*, but must have shape \(S, T, 4\)"):
        kind(4, 6).forward(np.ones(shape))


@BOTH
def test_sizes_below_one_are_refused(kind):
    with pytest.raises(ValueError, match=f"{kind.__name__}: hidden_size is 0"):
        kind(4, 0)
