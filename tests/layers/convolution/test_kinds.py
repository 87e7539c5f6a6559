"""Convolutions in groups, along one axis, and transposed; adaptive pooling."""

import numpy as np
import pytest

from chainrule import layers


def draw(*shape):
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize("kind", ["groups", "depthwise"])
def test_each_group_is_a_convolution_of_its_own(kind):
    groups = {"groups": 2, "depthwise": 4}[kind]
    layer, X = layers.Conv2d(4, 8, 3, padding=1, groups=groups, dtype=np.float64), draw(3, 4, 6, 5)
    Y, cache = layer.forward(X)
    dY = draw(*Y.shape)
    dX, grads = layer.backward(dY, cache)
    C, F = 4 // groups, 8 // groups
    for g in range(groups):
        alone = layers.Conv2d(C, F, 3, padding=1, dtype=np.float64)
        into, out = slice(g * C, g * C + C), slice(g * F, g * F + F)
        alone.load_state_dict({"weight": layer.weight[out], "bias": layer.bias[out]})
        expected, alone_cache = alone.forward(X[:, into])
        np.testing.assert_allclose(Y[:, out], expected, rtol=1e-10, atol=1e-12)
        alone_dX, alone_grads = alone.backward(dY[:, out], alone_cache)
        np.testing.assert_allclose(dX[:, into], alone_dX, rtol=1e-10, atol=1e-12)
        for name, grad in alone_grads.items():
            np.testing.assert_allclose(grads[name][out], grad, rtol=1e-10, atol=1e-12)


def test_a_convolution_along_one_axis_is_one_of_images_of_one_row():
    line, image = (
        layers.Conv1d(3, 4, 5, stride=2, padding=1, dtype=np.float64),
        layers.Conv2d(3, 4, (1, 5), stride=(1, 2), padding=(0, 1), dtype=np.float64),
    )
    image.load_state_dict({"weight": line.weight[:, :, None], "bias": line.bias})
    X = draw(2, 3, 11)
    Y, cache = line.forward(X)
    np.testing.assert_allclose(Y, image.forward(X[:, :, None])[0][:, :, 0], rtol=1e-12)
    dX, grads = line.backward(Y, cache)
    assert (dX.shape, grads["weight"].shape) == (X.shape, (4, 3, 5))


def test_a_transposed_convolution_is_the_backward_of_one():
    conv = layers.Conv2d(2, 3, (4, 3), stride=(3, 2), padding=(1, 0), bias=False, dtype=np.float64)
    turned = layers.ConvTranspose2d(3, 2, (4, 3), (3, 2), (1, 0), (1, 1), bias=False, dtype=np.float64)
    turned.weight[...] = conv.weight
    X, dY = draw(2, 2, 12, 8), draw(2, 3, 4, 3)
    _, cache = conv.forward(X)
    Y, turned_cache = turned.forward(dY)
    np.testing.assert_allclose(Y, conv.backward(dY, cache)[0], rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(turned.backward(X, turned_cache)[0], conv.forward(X)[0], rtol=1e-10, atol=1e-12)


def test_a_transposed_convolution_takes_any_algorithm(monkeypatch):
    layer, X = layers.ConvTranspose2d(6, 5, 3, padding=1, dtype=np.float64), draw(2, 6, 9, 8)
    results = []
    for algorithm in ("reference", "winograd4", "shifted", "im2col"):
        monkeypatch.setattr(
            "chainrule.layers.convolution.conv_transpose_2d.choose_algorithm", lambda *shape, chosen=algorithm: chosen
        )
        Y, cache = layer.forward(X)
        dX, grads = layer.backward(draw(*Y.shape), cache)
        results.append([Y, dX, *grads.values()])
    for found in results[1:]:
        for array, expected in zip(found, results[0], strict=True):
            np.testing.assert_allclose(array, expected, rtol=1e-8, atol=1e-10)


def test_a_transposed_convolution_lays_the_kernel_on_the_output():
    layer = layers.ConvTranspose2d(1, 1, 2, stride=2, dtype=np.float64)
    layer.load_state_dict({"weight": [[[[1, 2], [3, 4]]]], "bias": [10]})
    Y, _ = layer.forward(np.array([[[[1.0, 0.0], [0.0, 5.0]]]]))
    np.testing.assert_array_equal(Y[0, 0] - 10, [[1, 2, 0, 0], [3, 4, 0, 0], [0, 0, 5, 10], [0, 0, 15, 20]])


def test_adaptive_windows_overlap_where_the_size_is_no_multiple():
    Y, cache = layers.AdaptiveAvgPool2d((2, 1)).forward(np.array([[[[1.0], [2.0], [6.0]]]]))
    np.testing.assert_array_equal(Y[0, 0, :, 0], [1.5, 4])
    dX, _ = layers.AdaptiveAvgPool2d((2, 1)).backward(np.array([[[[2.0], [4.0]]]]), cache)
    np.testing.assert_array_equal(dX[0, 0, :, 0], [1, 3, 2])
    X = draw(2, 3, 4, 5)
    np.testing.assert_allclose(layers.AdaptiveAvgPool2d(1).forward(X)[0], layers.GlobalAvgPool().forward(X)[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Conv2d(4, 6, 3, groups=4), "Conv2d: groups is 4, but must divide 4 and 6 channels"),
        (
            lambda: layers.Conv2d(4, 6, 3, groups=2, algorithm="im2col"),
            "algorithm is 'im2col', but must be",
        ),
        (lambda: layers.Conv1d(2, 3, (2, 2)), "Conv1d: kernel_size is"),
        (lambda: layers.Conv1d(2, 3, 2, stride=0), "Conv1d: stride is 0"),
        (
            lambda: layers.ConvTranspose2d(2, 3, 3, output_padding=1),
            "output_padding is 1, but must be less",
        ),
        (lambda: layers.AdaptiveAvgPool2d(0), "AdaptiveAvgPool2d: output_size is 0"),
    ],
)
def test_settings_that_do_not_fit_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (layers.Conv1d(2, 3, 4), (5, 2), r"Conv1d\(2, 3, kernel_size=4\): X has shape \(5, 2\), but .* \(S, 2, T\)"),
        (layers.Conv1d(2, 3, 4), (5, 2, 3), "smaller than the kernel even when padded"),
        (layers.ConvTranspose2d(2, 3, 2), (5, 3, 4, 4), r"must have shape \(S, 2, H, W\)"),
        (layers.ConvTranspose2d(2, 3, 2, padding=1), (5, 2, 1, 1), "nothing is left when the padding is cut off"),
        (layers.AdaptiveAvgPool2d(2), (5, 3, 0, 4), "one place at least"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(layer, shape, message):
    with pytest.raises(ValueError, match=message):
        layer.forward(np.ones(shape))
