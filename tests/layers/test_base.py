import numpy as np
import pytest

from chainrule import layers, nets


class Scale(layers.Layer):
    """A layer with one parameter, one buffer, and a parameter that was not asked for."""

    parameter_names = ("weight", "bias")
    buffer_names = ("count",)

    def __init__(self):
        self.weight, self.bias, self.count = np.array([1.0, 2.0]), None, np.array(0)

    def forward(self, X):
        return X * self.weight, X

    def backward(self, dY, cache):
        return dY * self.weight, {"weight": (dY * cache).sum(axis=0)}


def test_an_absent_parameter_is_not_listed():
    assert list(Scale().params) == ["weight"]
    assert list(Scale().state_dict()) == ["weight", "count"]


def test_params_are_the_arrays_themselves():
    layer = Scale()
    layer.params["weight"] *= 3
    np.testing.assert_array_equal(layer.weight, [3, 6])


def test_names_of_layers_within_layers_carry_their_path():
    net = nets.Sequential(Scale(), layers.Residual(Scale()))
    assert list(net.params) == ["0.weight", "1.body.weight"]
    assert list(net.buffers) == ["0.count", "1.body.count"]


def test_train_and_eval_reach_all_layers_within():
    net = nets.Sequential(layers.Residual(layers.Dropout(0.5)))
    assert net.eval() is net
    assert [layer.training for _, layer in net.modules()] == [False] * 3
    assert [layer.training for _, layer in net.train().modules()] == [True] * 3


def test_loading_casts_to_the_layers_dtype():
    layer = layers.Linear(2, 1)
    layer.load_state_dict({"weight": np.array([[1.0, 2.0]]), "bias": np.array([3.0])})
    assert layer.weight.dtype == np.float32
    np.testing.assert_array_equal(layer.weight, [[1, 2]])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda state: state.pop("count"), KeyError, "Scale.load_state_dict: missing count"),
        (lambda state: state.update(gain=1), KeyError, "Scale.load_state_dict: unknown gain"),
        (
            lambda state: state.update(weight=np.zeros(3)),
            ValueError,
            r"Scale.load_state_dict: weight has shape \(3,\), expected \(2,\)",
        ),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(change, error, message):
    layer, state = Scale(), {"count": np.array(9), "weight": np.array([5.0, 5.0])}
    change(state)
    with pytest.raises(error, match=message):
        layer.load_state_dict(state)
    np.testing.assert_array_equal(layer.weight, [1, 2])
    assert layer.count == 0


FEW = pytest.mark.parametrize(
    "layer", [layers.ELU(), layers.Dropout(0.5), layers.LayerNorm(2), layers.Softmax()], ids=repr
)


@FEW
@pytest.mark.parametrize("X", [np.arange(4).reshape(2, 2), [[1.0, 2.0]]], ids=["integers", "list"])
def test_an_input_that_is_no_array_of_floats_is_refused(layer, X):
    with pytest.raises(TypeError, match=r"X has (dtype int64|type list), but must be an array of floats"):
        layer.forward(X)


@FEW
def test_an_input_without_an_axis_is_refused(layer):
    with pytest.raises(ValueError, match=r"X has shape \(\), but must have one axis at least"):
        layer.forward(np.array(1.0))
