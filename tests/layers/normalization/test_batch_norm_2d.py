import numpy as np
import pytest

from chainrule import layers
from chainrule.layers.channels_last import to_channels_last


def test_it_is_batch_norm_of_the_rows_that_the_places_make():
    X, dY = np.random.default_rng(0).normal(size=(2, 4, 3, 5, 2))
    layer, of_rows = layers.BatchNorm2d(3, dtype=np.float64), layers.BatchNorm1d(3, dtype=np.float64)
    Y, cache = layer.forward(X)
    dX, grads = layer.backward(dY, cache)
    Y_rows, cache_rows = of_rows.forward(to_channels_last(X).reshape(-1, 3))
    dX_rows, grads_rows = of_rows.backward(to_channels_last(dY).reshape(-1, 3), cache_rows)
    np.testing.assert_array_equal(to_channels_last(Y).reshape(-1, 3), Y_rows)
    np.testing.assert_array_equal(to_channels_last(dX).reshape(-1, 3), dX_rows)
    for name, gradient in grads_rows.items():
        np.testing.assert_array_equal(grads[name], gradient)
    for name, array in of_rows.state_dict().items():
        np.testing.assert_array_equal(layer.state_dict()[name], array)


def test_images_that_lie_channels_last_are_not_copied_and_stay_so():
    X = np.ones((2, 5, 4, 3)).transpose(0, 3, 1, 2)
    Y, cache = layers.BatchNorm2d(3, dtype=np.float64).forward(X)
    dX, _ = layers.BatchNorm2d(3, dtype=np.float64).backward(Y, cache)
    assert to_channels_last(Y).base is not None
    assert np.shares_memory(to_channels_last(Y), Y)
    assert np.shares_memory(to_channels_last(dX), dX)


@pytest.mark.parametrize("shape", [(4, 3), (4, 3, 5), (4, 2, 3, 3), (4, 3, 2, 2, 2)])
def test_a_wrong_shape_is_refused(shape):
    with pytest.raises(ValueError, match=r"BatchNorm2d\(3\): X has shape .*, but must have shape \(S, 3, H, W\)"):
        layers.BatchNorm2d(3).forward(np.ones(shape))


def test_one_image_of_one_place_is_too_few_to_train_on():
    with pytest.raises(ValueError, match="training needs two values of each feature"):
        layers.BatchNorm2d(3).forward(np.ones((1, 3, 1, 1)))
    assert layers.BatchNorm2d(3, dtype=np.float64).forward(np.ones((1, 3, 1, 2)))[0].shape == (1, 3, 1, 2)
