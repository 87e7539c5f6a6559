import numpy as np
import pytest

from chainrule import layers
from chainrule.check.model.tolerance import tolerance


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("kind", ["ReLU", "GELU"])
def test_it_is_batch_norm_and_the_activation_one_after_the_other(kind, dtype, training):
    rng = np.random.default_rng(0)
    X, dY = rng.normal(3, 2, (2, 5, 60, 31, 29)).astype(dtype)  # more rows than one part holds
    dY = dY.transpose(0, 1, 3, 2).copy().transpose(0, 1, 3, 2)
    once, norm = getattr(layers, f"BatchNorm{kind}2d")(60, dtype=dtype), layers.BatchNorm2d(60, dtype=dtype)
    activation = getattr(layers, kind)()
    state = {name: rng.uniform(0.5, 2, array.shape) for name, array in norm.state_dict().items()}
    for layer in (once, norm):
        layer.load_state_dict({**state, "num_batches_tracked": 4})
        layer.train(training)
    Z, norm_cache = norm.forward(X)
    Y, relu_cache = activation.forward(Z)
    dX, grads = norm.backward(activation.backward(dY, relu_cache)[0], norm_cache)
    found, cache = once.forward(X)
    found_dX, found_grads = once.backward(dY, cache)
    allowed = tolerance(dtype, X[:, 0].size)
    np.testing.assert_allclose(found, Y, rtol=0, atol=allowed * np.abs(Y).max())
    np.testing.assert_allclose(found_dX, dX, rtol=0, atol=allowed * np.abs(dX).max())
    for name, gradient in grads.items():
        np.testing.assert_allclose(found_grads[name], gradient, rtol=0, atol=allowed * np.abs(gradient).max())
    for name, array in norm.state_dict().items():
        np.testing.assert_allclose(once.state_dict()[name], array, rtol=allowed)


def test_the_variance_is_right_far_from_zero():
    X = (np.random.default_rng(0).normal(size=(20, 3, 4, 5)) + 1e4).astype(np.float32)
    layer = layers.BatchNormReLU2d(3, momentum=1.0)
    layer.forward(X)
    np.testing.assert_allclose(layer.running_var, X.astype(float).var(axis=(0, 2, 3), ddof=1), rtol=1e-4)


def test_evaluation_s_statistics_are_those_of_its_own_forward():
    X, dY = np.random.default_rng(0).normal(size=(2, 4, 3, 5, 2))
    layer = layers.BatchNormReLU2d(3, dtype=np.float64).eval()
    _, cache = layer.forward(X)
    expected = layer.backward(dY, cache)
    layer.train().forward(9 * X)
    np.testing.assert_array_equal(layer.backward(dY, cache)[1]["weight"], expected[1]["weight"])
