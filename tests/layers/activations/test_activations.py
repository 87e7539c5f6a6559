"""Numbers that can be checked on paper, slopes at kinks, and extremes, of all activations."""

import math

import numpy as np
import pytest

from chainrule import layers

ACTIVATIONS = [
    layers.ELU(),
    layers.ELU(0.7),
    layers.ReLU(),
    layers.LeakyReLU(),
    layers.LeakyReLU(1.5),
    layers.GELU(),
    layers.GELU("tanh"),
    layers.SiLU(),
    layers.Mish(),
    layers.Softplus(),
    layers.Softplus(beta=0.5, threshold=3),
    layers.Tanh(),
    layers.Sigmoid(),
]


def value(layer, x):
    return layer.forward(np.array([[x]]))[0].item()


def slope(layer, x):
    _, cache = layer.forward(np.array([[x]]))
    return layer.backward(np.ones((1, 1)), cache)[0].item()


@pytest.mark.parametrize(
    ("layer", "x", "expected"),
    [
        (layers.ELU(), -math.log(2), -0.5),
        (layers.ELU(3.0), -math.log(2), -1.5),
        (layers.ELU(3.0), 2.0, 2.0),
        (layers.ReLU(), -2.0, 0.0),
        (layers.ReLU(), 2.0, 2.0),
        (layers.LeakyReLU(0.25), -2.0, -0.5),
        (layers.LeakyReLU(0.25), 2.0, 2.0),
        (layers.GELU(), 0.0, 0.0),
        (layers.GELU(), 1.0, 0.8413447460685429),
        (layers.GELU("tanh"), 1.0, (1 + math.tanh(math.sqrt(2 / math.pi) * 1.044715)) / 2),
        (layers.SiLU(), math.log(3), 0.75 * math.log(3)),
        (layers.Mish(), 0.0, 0.0),
        (layers.Mish(), math.log(2), 0.8 * math.log(2)),
        (layers.Softplus(), 0.0, math.log(2)),
        (layers.Softplus(beta=2.0), math.log(3) / 2, math.log(2)),
        (layers.Softplus(threshold=1.5), 2.0, 2.0),
        (layers.PReLU(init=0.25, dtype=float), -2.0, -0.5),
        (layers.PReLU(init=0.25, dtype=float), 2.0, 2.0),
        (layers.Tanh(), math.log(3) / 2, 0.5),
        (layers.Sigmoid(), math.log(3), 0.75),
    ],
)
def test_forward_of_small_numbers(layer, x, expected):
    assert value(layer, x) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("layer", "x", "expected"),
    [
        (layers.ELU(), -math.log(2), 0.5),
        (layers.ELU(3.0), -math.log(2), 1.5),
        (layers.ELU(3.0), 2.0, 1.0),
        (layers.LeakyReLU(0.25), -2.0, 0.25),
        (layers.LeakyReLU(0.25), 2.0, 1.0),
        (layers.GELU(), 0.0, 0.5),
        (layers.GELU("tanh"), 0.0, 0.5),
        (layers.SiLU(), 0.0, 0.5),
        (layers.Mish(), 0.0, 0.6),
        (layers.Softplus(), math.log(3), 0.75),
        (layers.Softplus(beta=2.0), math.log(3) / 2, 0.75),
        (layers.Softplus(threshold=1.5), 2.0, 1.0),
        (layers.PReLU(init=0.25, dtype=float), -2.0, 0.25),
        (layers.PReLU(init=0.25, dtype=float), 2.0, 1.0),
        (layers.Tanh(), math.log(3) / 2, 0.75),
        (layers.Sigmoid(), math.log(3), 0.1875),
    ],
)
def test_slope_of_small_numbers(layer, x, expected):
    assert slope(layer, x) == pytest.approx(expected, rel=1e-15)


def test_backward_is_zero_where_relu_is_flat():
    layer = layers.ReLU()
    _, cache = layer.forward(np.array([[-3.0, -0.0, 0.0, 3.0]]))
    dX, _ = layer.backward(np.array([[5.0, 5.0, 5.0, 5.0]]), cache)
    np.testing.assert_array_equal(dX, [[0, 0, 0, 5]])


def test_the_slope_at_zero_is_that_of_the_lower_branch():
    assert slope(layers.ReLU(), 0.0) == 0
    assert slope(layers.LeakyReLU(0.25), 0.0) == 0.25
    assert slope(layers.ELU(0.7), 0.0) == 0.7
    assert slope(layers.PReLU(init=0.25, dtype=float), 0.0) == 0.25


def test_elu_and_tanh_keep_the_digits_of_tiny_inputs():
    for layer in (layers.ELU(), layers.Tanh()):
        assert value(layer, -1e-12) == pytest.approx(-1e-12, rel=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_elu_below_zero_is_expm1_to_the_last_bits(dtype):
    x = -np.logspace(-30, 3, 20_001).astype(dtype)
    below = layers.ELU().forward(x)[0]
    exact = np.expm1(x.astype(np.longdouble))
    np.testing.assert_array_less(np.abs(below / exact - 1), 2 * np.finfo(dtype).eps)
    np.testing.assert_array_equal(layers.ELU().forward(np.array([-0.0, np.nan], dtype))[0], [0, np.nan])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("layer", "at_minus_infinity", "at_infinity"),
    [
        (layers.ELU(0.7), -0.7, math.inf),
        (layers.ReLU(), 0.0, math.inf),
        (layers.LeakyReLU(), -math.inf, math.inf),
        (layers.Tanh(), -1.0, 1.0),
        (layers.Sigmoid(), 0.0, 1.0),
    ],
    ids=repr,
)
def test_an_infinite_input_gives_the_limit(layer, at_minus_infinity, at_infinity, dtype):
    Y, _ = layer.forward(np.array([-np.inf, np.inf], dtype))
    np.testing.assert_array_equal(Y, np.array([at_minus_infinity, at_infinity], dtype))


def test_sigmoid_keeps_the_digits_of_small_outputs():
    assert value(layers.Sigmoid(), -700.0) == pytest.approx(math.exp(-700), rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("layer", ACTIVATIONS, ids=repr)
def test_no_finite_input_gives_a_warning_or_anything_infinite(layer, dtype):
    far = np.finfo(dtype).max / 4
    X = np.array([[-far, -1e4, -800, -100, -40, -1e-30, 0, 1e-30, 40, 100, 800, 1e4, far]], dtype)
    Y, cache = layer.forward(X)
    dX, _ = layer.backward(np.full_like(X, -1.5), cache)
    assert np.isfinite(Y).all()
    assert np.isfinite(dX).all()


@pytest.mark.parametrize("layer", [layers.GELU(), layers.GELU("tanh"), layers.SiLU(), layers.Mish()], ids=repr)
def test_a_gated_unit_is_the_identity_far_above_zero_and_nothing_far_below(layer):
    assert (value(layer, 1e4), value(layer, -1e4)) == (1e4, 0)
    assert (slope(layer, 1e4), slope(layer, -1e4)) == (1, 0)


@pytest.mark.parametrize("layer", ACTIVATIONS, ids=repr)
@pytest.mark.parametrize("shape", [(3,), (0, 3), (2, 3, 4)])
def test_any_number_of_axes_is_accepted(layer, shape):
    Y, cache = layer.forward(np.ones(shape))
    dX, grads = layer.backward(np.ones(shape), cache)
    assert (Y.shape, dX.shape, grads) == (shape, shape, {})


def test_softplus_keeps_the_digits_of_small_outputs():
    assert value(layers.Softplus(), -50.0) == pytest.approx(math.exp(-50), rel=1e-12)
    assert slope(layers.Softplus(), -50.0) == pytest.approx(math.exp(-50), rel=1e-12)


@pytest.mark.parametrize("beta", [0.0, -1.0, math.nan])
def test_softplus_needs_a_positive_beta(beta):
    with pytest.raises(ValueError, match=r"Softplus: beta is .*, but must be positive"):
        layers.Softplus(beta)


def test_each_channel_has_its_own_leak_whose_gradient_adds_up_what_was_below_zero():
    layer = layers.PReLU(2, dtype=np.float64)
    layer.weight[...] = [0.5, 3]
    Y, cache = layer.forward(np.array([[[-2.0, 1.0], [4.0, -1.0]], [[-6.0, 0.0], [-1.0, -1.0]]]))
    np.testing.assert_array_equal(Y, [[[-1, 1], [4, -3]], [[-3, 0], [-3, -3]]])
    _, grads = layer.backward(np.ones_like(Y), cache)
    np.testing.assert_array_equal(grads["weight"], [-8, -3])
    with pytest.raises(ValueError, match=r"PReLU\(num_parameters=2\): X has shape \(4, 3\)"):
        layer.forward(np.ones((4, 3)))


def test_gated_units_multiply_one_half_by_a_function_of_the_other():
    X = np.array([[math.log(3), 0.0, 2.0, 5.0]])
    Y, cache = layers.SwiGLU().forward(X)
    np.testing.assert_allclose(Y, [[0.75 * math.log(3) * 2, 0]], rtol=1e-14)
    dX, _ = layers.SwiGLU().backward(np.array([[1.0, 1.0]]), cache)
    np.testing.assert_allclose(dX[0, 1:], [2.5, 0.75 * math.log(3), 0], rtol=1e-14)
    Y, _ = layers.GEGLU().forward(np.array([[1.0], [2.0]]).T)
    np.testing.assert_allclose(Y, [[2 * 0.8413447460685429]], rtol=1e-14)


@pytest.mark.parametrize("kind", [layers.SwiGLU, layers.GEGLU])
def test_an_axis_that_has_no_halves_is_refused(kind):
    with pytest.raises(ValueError, match=r"\(dim=-1\): X has shape \(2, 3\), but its axis -1 must be of even size"):
        kind().forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match="dim must lie in -2 … 1"):
        kind(dim=2).forward(np.ones((2, 4)))


def test_an_unknown_approximation_is_refused():
    with pytest.raises(ValueError, match="GELU: approximate is 'sigmoid', but must be 'none' or 'tanh'"):
        layers.GELU("sigmoid")
