from functools import partial

import numpy as np
import pytest

from chainrule import check, layers, nets
from chainrule.errors import UserError
from chainrule.verify.specimens import LAYERS, LOSSES


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("specimen", LAYERS.values(), ids=LAYERS)
def test_every_layer_and_net_is_right_and_sets_no_trap(specimen, training):
    layer = specimen.layer(training=training)
    verdict = check.check_layer(layer, specimen.input())
    assert verdict.ok, verdict.text
    assert {row.name for row in verdict.rows} == {*([] if specimen.classes else ["X"]), *layer.params}
    assert verdict.notes == ()


@pytest.mark.slow
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize(
    ("build", "shape"),
    [(partial(nets.PreAct, 3), (4, 3, 5, 6)), (partial(nets.ConvNet, 3, 4, width=2), (5, 3, 9, 7))],
    ids=["preact", "convnet"],
)
def test_the_cnn_and_its_block_are_right_as_wholes(build, shape, training):
    rng = np.random.default_rng(0)
    net = build(rng=rng, dtype=np.float64)
    vectors = {name: rng.uniform(0.5, 1.5, array.shape) for name, array in net.state_dict().items() if array.ndim == 1}
    net.load_state_dict({**net.state_dict(), **vectors})  # random gains, biases and running statistics
    verdict = check.check_layer(net if training else net.eval(), rng.normal(size=shape))
    assert verdict.ok, verdict.text
    assert {row.name for row in verdict.rows} == {"X", *net.params}
    assert verdict.notes == ()


@pytest.mark.parametrize("specimen", LOSSES.values(), ids=LOSSES)
def test_every_loss_is_right_and_sets_no_trap(specimen):
    verdict = check.check_layer(specimen.make(), *specimen.arguments())
    assert verdict.ok, verdict.text
    assert verdict.notes == ()


def test_the_layer_itself_is_not_changed():
    specimen = LAYERS["batch norm"]
    layer, untouched = specimen.layer(), specimen.layer()
    check.check_layer(layer, specimen.input())
    for name, array in untouched.state_dict().items():
        np.testing.assert_array_equal(layer.state_dict()[name], array)


def test_a_wrong_bias_gradient_is_told_and_the_rest_is_right():
    class MeanForSum(layers.Linear):
        def backward(self, dY, cache):
            dX, grads = super().backward(dY, cache)
            return dX, {**grads, "bias": grads["bias"] / len(dY)}

    verdict = check.check_layer(MeanForSum(5, 3), np.random.default_rng(0).normal(size=(4, 5)))
    assert {row.name: row.kind for row in verdict.rows} == {"X": "right", "weight": "right", "bias": "wrong"}
    assert "dbias is wrong" in verdict.text


def test_statistics_treated_as_constants_are_wrong():
    class Frozen(layers.LayerNorm):
        def backward(self, dY, cache):
            _, grads = super().backward(dY, cache)
            return dY * self.weight * cache.rstd, grads

    verdict = check.check_layer(Frozen(5), np.random.default_rng(0).normal(size=(4, 5)))
    assert {row.name: row.kind for row in verdict.rows} == {"X": "wrong", "weight": "right", "bias": "right"}


def test_a_missing_parameter_gradient_is_wrong():
    class Forgetful(layers.Linear):
        def backward(self, dY, cache):
            dX, grads = super().backward(dY, cache)
            return dX, {"weight": grads["weight"]}

    verdict = check.check_layer(Forgetful(5, 3), np.ones((4, 5)))
    assert not verdict.ok
    assert "backward returns no gradient of bias" in verdict.text


def test_a_kink_at_the_inputs_is_left_and_told():
    verdict = check.check_layer(layers.ReLU(), np.array([[0.0, 1.0, -2.0], [3.0, 0.0, 0.0]]))
    assert verdict.ok
    assert "kink" in verdict.notes[0]


def test_a_loss_without_targets_is_refused():
    with pytest.raises(UserError, match="checked with its targets"):
        check.check_layer(layers.MSELoss(), np.ones((2, 3)))


def test_what_is_no_layer_is_refused():
    with pytest.raises(UserError, match="has no forward and backward"):
        check.check_layer(np.tanh, np.ones((2, 3)))


def test_an_input_that_the_layer_refuses_is_told():
    with pytest.raises(UserError, match="forward fails: ValueError: Linear"):
        check.check_layer(layers.Linear(5, 3), np.ones((2, 4)))
