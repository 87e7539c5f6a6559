import weakref

import numpy as np
import pytest

from chainrule import layers, nets


def small():
    rng = np.random.default_rng(0)
    return nets.Sequential(
        layers.Linear(3, 4, rng=rng, dtype=np.float64),
        layers.Tanh(),
        nets.Sequential(layers.Linear(4, 2, rng=rng, dtype=np.float64)),
    )


def test_parameters_are_named_by_position_in_order():
    assert list(small().params) == ["0.weight", "0.bias", "2.0.weight", "2.0.bias"]


def test_forward_is_the_composition_and_backward_runs_it_in_reverse():
    net, X = small(), np.random.default_rng(1).normal(size=(5, 3))
    first, tanh, last = net.layers
    H, first_cache = first.forward(X)
    A, tanh_cache = tanh.forward(H)
    Y, last_cache = last.forward(A)
    dY = np.random.default_rng(2).normal(size=Y.shape)
    dA, last_grads = last.backward(dY, last_cache)
    dX, first_grads = first.backward(tanh.backward(dA, tanh_cache)[0], first_cache)

    Y_found, cache = net.forward(X)
    dX_found, grads = net.backward(dY, cache)
    np.testing.assert_array_equal(Y_found, Y)
    np.testing.assert_array_equal(dX_found, dX)
    assert list(grads) == list(net.params)
    np.testing.assert_array_equal(grads["0.weight"], first_grads["weight"])
    np.testing.assert_array_equal(grads["2.0.bias"], last_grads["0.bias"])


class Watch(layers.Layer):
    """Counts, in the backward, how many of some arrays are alive."""

    def __init__(self):
        self.arrays, self.alive = [], []

    def forward(self, X):
        return X, None

    def backward(self, dY, cache):
        self.alive.append(sum(array() is not None for array in self.arrays))
        return dY, {}


def test_a_cache_that_is_consumed_is_let_go_layer_by_layer():
    watch, rng = Watch(), np.random.default_rng(0)
    net = nets.Sequential(layers.Linear(3, 4, rng=rng), watch, layers.Tanh(), layers.Linear(4, 2, rng=rng))
    X, dY = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    caches = net.forward(X)[1]
    watch.arrays = [weakref.ref(caches[2]), weakref.ref(caches[3])]
    kept = net.parameter_gradients(dY, caches)
    consumed = net.consume(dY, caches)
    assert watch.alive == [2, 0]
    assert caches == []
    assert kept.keys() == consumed.keys() == net.params.keys()
    for name, grad in kept.items():
        np.testing.assert_array_equal(consumed[name], grad)


def test_layers_before_the_first_that_is_trained_are_left_out_of_its_gradients():
    rng = np.random.default_rng(1)
    frozen = layers.Linear(4, 3, rng=rng).freeze("weight", "bias")
    watch = Watch()
    net = nets.Sequential(layers.Gather(3, [2, 0, 1, 1]), frozen, watch, layers.Tanh(), layers.Linear(3, 2, rng=rng))
    X, dY = rng.normal(size=(5, 3)), rng.normal(size=(5, 2))
    caches = net.forward(X)[1]
    whole = net.backward(dY, caches)[1]
    assert len(watch.alive) == 1
    alone = net.consume(dY, caches)
    assert len(watch.alive) == 1
    assert caches == []
    assert alone.keys() == whole.keys() == {"4.weight", "4.bias"}
    for name, grad in whole.items():
        np.testing.assert_array_equal(alone[name], grad)
    assert nets.Sequential(layers.Tanh()).parameter_gradients(X, [X]) == {}


def test_an_empty_sequence_is_the_identity():
    net, X = nets.Sequential(), np.ones((2, 3))
    Y, cache = net.forward(X)
    np.testing.assert_array_equal(Y, X)
    np.testing.assert_array_equal(net.backward(X, cache)[0], X)
    assert net.parameter_gradients(X, cache) == {}


def test_an_error_names_the_layer_that_it_comes_from():
    net = nets.Sequential(layers.Linear(3, 4), layers.Linear(5, 2))
    with pytest.raises(ValueError, match=r"Linear\(5, 2\): X has shape \(7, 4\), but its axis -1 must be 5"):
        net.forward(np.ones((7, 3), np.float32))


def test_its_text_shows_its_layers():
    assert repr(nets.Sequential(layers.Linear(3, 4), layers.ReLU())) == "Sequential(Linear(3, 4), ReLU())"
