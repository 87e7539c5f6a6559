"""The network on whitened patches: what its filters do, how it starts, and what it refuses."""

import numpy as np
import pytest

from chainrule import nets


def correlated_images():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(60, 3, 11, 9))
    return 0.5 + np.einsum("cd,sdhw->schw", rng.normal(size=(3, 3)), noise + np.roll(noise, 1, axis=3))


def test_patches_that_are_whitened_have_the_identity_as_second_moment():
    X = correlated_images()
    filters = nets.whitening_filters(X, eps=0.0)
    windows = np.lib.stride_tricks.sliding_window_view(X, (2, 2), axis=(2, 3))
    half = np.einsum("fcae,schwae->fshw", filters[:12], windows).reshape(12, -1)
    np.testing.assert_allclose(half @ half.T / half.shape[1], np.eye(12), atol=1e-8)
    np.testing.assert_array_equal(filters[12:], -filters[:12])


def test_eps_holds_down_the_directions_in_which_patches_hardly_differ():
    flat = np.ones((4, 1, 5, 5))
    filters = nets.whitening_filters(flat, eps=0.01)
    assert np.isfinite(filters).all()
    assert np.abs(filters).max() <= 10 + 1e-9  # 1 / √eps


def test_principal_components_have_mean_0_and_variance_1_and_do_not_correlate():
    rng = np.random.default_rng(1)
    X = rng.normal(2, 1, (400, 6)) @ rng.normal(size=(6, 6))
    weight, bias = nets.whitening_map(X, 4, eps=0.0)
    Z = X @ weight.T + bias
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(Z.T @ Z / len(Z), np.eye(4), atol=1e-8)


@pytest.mark.parametrize("components", [0, 7])
def test_more_components_than_features_are_refused(components):
    with pytest.raises(ValueError, match=f"components is {components}, but must be from 1 to 6"):
        nets.whitening_map(np.zeros((9, 6)), components)


@pytest.mark.parametrize("image", [(3, 32, 32), (1, 8, 8), (2, 3, 3), (3, 7, 20)])
def test_images_of_many_sizes_are_classified(image):
    net = nets.WhitenedConvNet(image, 4, width=2, rng=np.random.default_rng(0))
    X = np.random.default_rng(1).normal(size=(5, *image)).astype(np.float32)
    net.whiten(X)
    logits, cache = net.forward(X)
    grads = net.consume(np.ones_like(logits), cache)
    assert logits.shape == (5, 4)
    assert logits.dtype == np.float32
    assert grads.keys() == net.params.keys()


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_every_gradient_agrees_with_the_complex_step_along_a_direction(training):
    def make(dtype):
        net = nets.WhitenedConvNet((2, 9, 10), 5, width=3, rng=np.random.default_rng(0), dtype=dtype).train(training)
        for n, array in enumerate(net.params.values()):
            array += np.random.default_rng(n).normal(0, 0.1, array.shape)
        net.buffers["whitening.weight"][...] = np.random.default_rng(7).normal(size=(16, 2, 2, 2))
        return net

    X, dY = (np.random.default_rng(n).normal(size=shape) for n, shape in enumerate([(4, 2, 9, 10), (4, 5)]))
    net = make(np.float64)
    dX, grads = net.backward(dY, net.forward(X)[1])
    for name, gradient in {"X": dX, **grads}.items():
        direction = np.random.default_rng(3).normal(size=gradient.shape)
        moved, Z = make(np.complex128), X.astype(np.complex128)
        array = Z if name == "X" else moved.params[name]
        array += 1e-30j * direction
        slope = (dY * moved.forward(Z)[0]).sum().imag / 1e-30
        assert (gradient * direction).sum() == pytest.approx(slope, rel=1e-7, abs=1e-12), name


def test_frozen_are_the_filters_and_the_scales_of_norms():
    net = nets.WhitenedConvNet((3, 9, 9), 4, width=2)
    frozen = {name for name in net.buffers if name.endswith("weight")}
    norms = {f"norm{group}{half}.weight" for group in (1, 2, 3) for half in "ab"}
    assert frozen == {"whitening.weight", *norms}
    assert "whitening.bias" in net.params


def test_dirac_lets_the_first_channels_through():
    net = nets.ConvNet(3, 4, width=4, init="dirac", rng=np.random.default_rng(0))
    W = net.params["conv0.weight"]
    X = np.random.default_rng(1).normal(size=(2, 3, 6, 5)).astype(np.float32)
    Y, _ = net.children["conv0"].forward(X)
    bias = net.params["conv0.bias"][:3, None, None]
    np.testing.assert_allclose(Y[:, :3], X + bias, atol=1e-5)
    assert np.abs(W[3:]).min() > 0  # the others as they were drawn


@pytest.mark.parametrize(
    ("image", "what"), [((3, 2, 9), r"image is \(3, 2, 9\)"), ((9, 9), r"image is \(9, 9\)"), ((0, 9, 9), "image is")]
)
def test_images_that_are_too_small_are_refused(image, what):
    with pytest.raises(ValueError, match=what):
        nets.WhitenedConvNet(image, 4)


def test_an_input_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(2, 3, 9, 8\), but must be \(S, 3, 9, 9\)"):
        nets.WhitenedConvNet((3, 9, 9), 4, width=2).forward(np.zeros((2, 3, 9, 8), np.float32))


def test_an_unknown_start_is_refused():
    with pytest.raises(ValueError, match="init is 'local', but must be one of pytorch, dirac"):
        nets.WhitenedConvNet((3, 9, 9), 4, init="local")
