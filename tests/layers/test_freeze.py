"""Frozen parameters: buffers, without gradients; the other gradients stay what they were."""

import numpy as np
import pytest

from chainrule import layers

LAYERS = {
    "Linear": (lambda: layers.Linear(5, 3, rng=np.random.default_rng(0), dtype=np.float64), (4, 5)),
    "Conv2d": (lambda: layers.Conv2d(5, 3, 2, rng=np.random.default_rng(0), dtype=np.float64), (4, 5, 6, 7)),
    "Conv2d by Winograd": (
        lambda: layers.Conv2d(5, 3, 3, rng=np.random.default_rng(0), dtype=np.float64, algorithm="winograd4"),
        (4, 5, 6, 7),
    ),
    "BatchNorm2d": (lambda: layers.BatchNorm2d(5, dtype=np.float64), (4, 5, 6, 7)),
    "BatchNormReLU2d": (lambda: layers.BatchNormReLU2d(5, dtype=np.float64), (4, 5, 6, 7)),
    "BatchNormGELU2d": (lambda: layers.BatchNormGELU2d(5, dtype=np.float64), (4, 5, 6, 7)),
}


@pytest.mark.parametrize(("make", "shape"), LAYERS.values(), ids=LAYERS)
@pytest.mark.parametrize("frozen", [("weight",), ("bias",), ("weight", "bias")])
def test_what_is_frozen_has_no_gradient_and_the_rest_is_as_before(make, shape, frozen):
    free, layer = make(), make().freeze(*frozen)
    X = np.random.default_rng(1).normal(size=shape)
    (Y, cache), (expected, free_cache) = layer.forward(X), free.forward(X)
    dY = np.random.default_rng(2).normal(size=Y.shape)
    dX, grads = layer.backward(dY, cache)
    free_dX, free_grads = free.backward(dY, free_cache)
    np.testing.assert_array_equal(Y, expected)
    np.testing.assert_array_equal(dX, free_dX)
    assert grads.keys() == layer.params.keys() == {"weight", "bias"} - {*frozen}
    assert {*frozen} <= layer.buffers.keys()
    assert layer.state_dict().keys() == free.state_dict().keys()
    for name, gradient in layer.parameter_gradients(dY, cache).items():
        np.testing.assert_array_equal(gradient, free_grads[name])
        np.testing.assert_array_equal(grads[name], free_grads[name])


def test_to_freeze_one_layer_leaves_the_others_of_its_class_alone():
    layers.Linear(2, 3).freeze("weight")
    assert {*layers.Linear(2, 3).params} == {"weight", "bias"}


@pytest.mark.parametrize(("layer", "name"), [(layers.Linear(2, 3), "gain"), (layers.ReLU(), "weight")])
def test_what_a_layer_cannot_freeze_is_refused(layer, name):
    with pytest.raises(ValueError, match=f"{type(layer).__name__}.freeze: '{name}' cannot be frozen"):
        layer.freeze(name)
