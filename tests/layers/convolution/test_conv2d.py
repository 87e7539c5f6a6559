import re
import tracemalloc

import numpy as np
import pytest

from chainrule import layers, threads


@pytest.fixture
def one_thread():
    """The same parts in flight at once each time: one."""
    before = [library.get_num_threads() for library in threads.blas()]
    threads.set_blas_threads([1] * len(before))
    yield
    threads.set_blas_threads(before)


def small():
    """One channel in, two out: a step down the rows, and a sum along the columns."""
    layer = layers.Conv2d(1, 2, 2, dtype=np.float64)
    layer.load_state_dict({"weight": [[[[-1, 0], [1, 0]]], [[[1, 1], [0, 0]]]], "bias": [0, 10]})
    return layer


X = np.array([[[[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]]])


def test_forward_of_small_numbers():
    Y, _ = small().forward(X)
    np.testing.assert_array_equal(Y, [[[[7, 14]], [[13, 16]]]])


def test_backward_of_small_numbers():
    _, cache = small().forward(X)
    dX, grads = small().backward(np.array([[[[1.0, 0.0]], [[0.0, 2.0]]]]), cache)
    np.testing.assert_array_equal(dX, [[[[-1, 2, 2], [1, 0, 0]]]])
    np.testing.assert_array_equal(grads["weight"], [[[[1, 2], [8, 16]]], [[[4, 8], [32, 64]]]])
    np.testing.assert_array_equal(grads["bias"], [1, 2])


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size"),
    [(3, 1, 1, (5, 6)), (1, 1, 0, (5, 6)), ((2, 4), (1, 3), (0, 2), (4, 3)), (3, 2, 1, (3, 3)), ((5, 1), 1, 0, (1, 6))],
)
def test_the_output_has_as_many_rows_and_columns_as_the_kernel_has_places(kernel, stride, padding, size):
    Y, _ = layers.Conv2d(1, 7, kernel, stride, padding).forward(np.ones((2, 1, 5, 6), np.float32))
    assert Y.shape == (2, 7, *size)


def test_arrays_lie_channels_last_and_gradients_as_their_parameters():
    layer = layers.Conv2d(3, 4, 3, padding=1)
    Y, cache = layer.forward(np.ones((2, 3, 5, 6), np.float32))
    dX, grads = layer.backward(Y, cache)
    assert Y.transpose(0, 2, 3, 1).flags.c_contiguous
    assert dX.transpose(0, 2, 3, 1).flags.c_contiguous
    assert layer.weight.flags.f_contiguous
    assert grads["weight"].flags.f_contiguous


def test_the_same_generator_draws_the_same_layer_within_the_bounds_of_the_default():
    first, second = (layers.Conv2d(4, 40, (2, 8), rng=np.random.default_rng(3)) for _ in range(2))
    for name in ("weight", "bias"):
        np.testing.assert_array_equal(first.params[name], second.params[name])
        assert 0.11 < np.abs(first.params[name]).max() <= 0.125


@pytest.mark.parametrize("shape", [(4, 3, 5, 5), (2, 5, 5), (5,), (4, 2, 5, 5, 1)])
def test_a_wrong_number_of_channels_or_axes_is_refused(shape):
    with pytest.raises(ValueError, match=r"Conv2d\(2, 3, .*\): X has shape .*, but must have shape \(S, 2, H, W\)"):
        layers.Conv2d(2, 3, 3).forward(np.ones(shape))


def test_an_input_smaller_than_the_kernel_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(1, 2, 4, 1\), which is smaller than the kernel even when"):
        layers.Conv2d(2, 3, (3, 4), padding=1).forward(np.ones((1, 2, 4, 1)))


@pytest.mark.parametrize(("kernel", "algorithm"), [(3, "winograd"), (5, "winograd4"), (3, "pointwise"), (1, "")])
def test_an_algorithm_that_does_not_fit_is_refused_with_those_that_do(kernel, algorithm):
    with pytest.raises(ValueError, match=f"algorithm is '{algorithm}', but must be one of auto, reference, im2col"):
        layers.Conv2d(2, 3, kernel, algorithm=algorithm)


@pytest.mark.parametrize("algorithm", ["auto", "reference", "im2col", "shifted", "winograd2", "winograd4"])
def test_every_algorithm_gives_the_same_layer(algorithm):
    X = np.random.default_rng(1).normal(size=(3, 9, 6, 5))
    plain, layer = (
        layers.Conv2d(9, 8, 3, padding=1, algorithm=name, rng=np.random.default_rng(2), dtype=np.float64)
        for name in ("reference", algorithm)
    )
    (Y, cache), (expected, plain_cache) = layer.forward(X), plain.forward(X)
    np.testing.assert_allclose(Y, expected, atol=1e-13)
    for found, right in zip(
        layer.backward(Y, cache)[1].values(), plain.backward(Y, plain_cache)[1].values(), strict=True
    ):
        np.testing.assert_allclose(found, right, atol=1e-12)


@pytest.mark.parametrize(("channels", "side", "kernel"), [(64, 16, 3), (64, 16, 1), (3, 32, 3), (512, 2, 3)])
def test_a_step_in_its_stride_allocates_no_image(one_thread, channels, side, kernel):
    layer = layers.Conv2d(channels, 128, kernel, padding=kernel // 2)
    X = np.random.default_rng(0).normal(size=(32, side, side, channels)).astype(np.float32).transpose(0, 3, 1, 2)
    for tracing in (False, False, True):
        if tracing:
            tracemalloc.start()
        Y, cache = layer.forward(X)
        layer.backward(Y, cache)
        del Y, cache
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.5e6  # windows and sums of one part; the output has 4 or 16 MB, or is small itself


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("in_channels", 0),
        ("out_channels", -1),
        ("out_channels", 2.5),
        ("kernel_size", 0),
        ("kernel_size", 2.5),
        ("kernel_size", True),
        ("stride", (1, 0)),
        ("padding", -1),
        ("padding", "same"),
        ("padding", (1, 1, 1)),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=re.escape(f"Conv2d: {name} is {value!r}, but must be a whole number")):
        layers.Conv2d(**{"in_channels": 2, "out_channels": 3, "kernel_size": 3, name: value})


def test_sizes_may_be_numpys_whole_numbers():
    layer = layers.Conv2d(np.int64(2), 3, [np.int32(3), 1], padding=np.uint8(1))
    assert repr(layer) == "Conv2d(2, 3, kernel_size=(3, 1), padding=(1, 1))"


@pytest.mark.parametrize("algorithm", ["auto", "reference", "im2col", "shifted", "winograd2", "winograd4"])
def test_no_images_give_no_output_and_gradients_of_zero(algorithm):
    layer = layers.Conv2d(2, 3, 3, padding=1, algorithm=algorithm)
    Y, cache = layer.forward(np.ones((0, 2, 4, 5), np.float32))
    dX, grads = layer.backward(np.ones(Y.shape, np.float32), cache)
    assert (Y.shape, dX.shape) == ((0, 3, 4, 5), (0, 2, 4, 5))
    for name, array in layer.params.items():
        np.testing.assert_array_equal(grads[name], np.zeros_like(array))
