import numpy as np
import pytest

from chainrule import layers

X = np.array([[[[1.0, 5.0, 2.0], [7.0, 3.0, 4.0], [6.0, 0.0, 8.0]]]])


def test_forward_and_backward_of_small_numbers():
    Y, cache = layers.MaxPool2d(2, stride=1).forward(X)
    np.testing.assert_array_equal(Y, [[[[7, 5], [7, 8]]]])
    dX, grads = layers.MaxPool2d(2, stride=1).backward(np.array([[[[1.0, 10.0], [100.0, 1000.0]]]]), cache)
    np.testing.assert_array_equal(dX, [[[[0, 10, 0], [101, 0, 0], [0, 0, 1000]]]])
    assert grads == {}


def test_padding_is_never_the_largest():
    Y, cache = layers.MaxPool2d(3, stride=2, padding=1).forward(-X)
    np.testing.assert_array_equal(Y, [[[[-1, -2], [0, 0]]]])
    dX, _ = layers.MaxPool2d(3, stride=2, padding=1).backward(np.array([[[[1.0, 10.0], [100.0, 1000.0]]]]), cache)
    np.testing.assert_array_equal(dX, [[[[1, 0, 10], [0, 0, 0], [0, 1100, 0]]]])


def test_the_first_of_equal_entries_row_by_row_takes_the_cotangent():
    equal = np.array([[[[0.0, 0.0, 2.0], [0.0, 2.0, 0.0], [2.0, 0.0, 2.0]]]])
    _, cache = layers.MaxPool2d(3).forward(equal)
    dX, _ = layers.MaxPool2d(3).backward(np.array([[[[7.0]]]]), cache)
    np.testing.assert_array_equal(dX, [[[[0, 0, 7], [0, 0, 0], [0, 0, 0]]]])


def test_rows_and_columns_that_no_window_reaches_have_no_gradient():
    _, cache = layers.MaxPool2d(2).forward(X)
    dX, _ = layers.MaxPool2d(2).backward(np.ones((1, 1, 1, 1)), cache)
    np.testing.assert_array_equal(dX, [[[[0, 0, 0], [1, 0, 0], [0, 0, 0]]]])


@pytest.mark.torch
@pytest.mark.parametrize("arguments", [(3, 2, 1), (2, 1, 1), ((3, 2), (1, 2), (1, 0)), (3,), (2, 3), ((4, 5), 1, 2)])
def test_ties_are_pytorchs(arguments):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    X = rng.integers(0, 3, (4, 3, 6, 7)).astype(float)  # few values, so many ties
    layer, theirs = layers.MaxPool2d(*arguments), torch.tensor(X, requires_grad=True)
    Y, cache = layer.forward(X)
    Y_theirs = torch.nn.MaxPool2d(*arguments)(theirs)
    dY = rng.normal(size=Y.shape)
    Y_theirs.backward(torch.tensor(dY))
    np.testing.assert_array_equal(Y, Y_theirs.detach().numpy())
    np.testing.assert_allclose(layer.backward(dY, cache)[0], theirs.grad.numpy(), rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "kernel_size is 0, but must be a whole number from 1 up"),
        ((2, 0), "stride is 0, but must be a whole number from 1 up"),
        ((2, 1, -1), "padding is -1, but must be a whole number from 0 up"),
        (((2, 3, 4),), r"kernel_size is \(2, 3, 4\), but must be .*, or a pair of them"),
        ((3, 2, 2), "padding is 2, but must be at most half of kernel_size 3"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"MaxPool2d: {message}"):
        layers.MaxPool2d(*arguments)


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (1, 2, 3, 4, 5)])
def test_an_input_that_is_no_batch_of_images_is_refused(shape):
    with pytest.raises(ValueError, match=r"MaxPool2d\(.*\): X has shape .*, but must have shape \(S, C, H, W\)"):
        layers.MaxPool2d(2).forward(np.ones(shape))


def test_an_image_smaller_than_the_window_is_refused():
    with pytest.raises(ValueError, match=r"X has shape \(1, 1, 3, 3\), which is smaller than the window"):
        layers.MaxPool2d(4).forward(X)
