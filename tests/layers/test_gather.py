import numpy as np
import pytest

from chainrule import layers


def test_features_are_copied_and_their_gradients_are_the_sums_over_their_copies():
    layer = layers.Gather(4, [2, 0, 2, 2, 1])
    Y, cache = layer.forward(np.array([[1.0, 2.0, 3.0, 4.0]]))
    np.testing.assert_array_equal(Y, [[3, 1, 3, 3, 2]])
    dX, grads = layer.backward(np.array([[1.0, 10.0, 100.0, 1000.0, 10_000.0]]), cache)
    np.testing.assert_array_equal(dX, [[10, 10_000, 1101, 0]])
    assert not grads
    assert not layer.state_dict()


def test_the_backward_of_a_permutation_is_its_inverse():
    rng = np.random.default_rng(0)
    X, index = rng.normal(size=(5, 9)), rng.permutation(9)
    Y, cache = layers.Gather(9, index).forward(X)
    np.testing.assert_array_equal(layers.Gather(9, index).backward(Y, cache)[0], X)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ([0, 4], "index runs from 0 to 4, but must lie in 0 … 3"),
        ([-1, 2], "index runs from -1 to 2, but must lie in 0 … 3"),
        ([], "index must be a vector of whole numbers, of one at least"),
        ([[0, 1]], "index must be a vector of whole numbers, of one at least"),
        ([0.5], "index must be a vector of whole numbers, of one at least"),
    ],
)
def test_an_index_that_is_none_is_refused(index, message):
    with pytest.raises(ValueError, match=f"Gather: {message}"):
        layers.Gather(4, index)


def test_another_number_of_features_is_refused():
    layer = layers.Gather(4, [1, 0])
    with pytest.raises(ValueError, match=r"Gather\(4, 2 of them\): X has shape \(2, 3\), but its axis 1 must be 4"):
        layer.forward(np.ones((2, 3)))
    _, cache = layer.forward(np.ones((3, 4)))
    with pytest.raises(ValueError, match=r"dY has shape \(3, 4\), but the output has shape \(3, 2\)"):
        layer.backward(np.ones((3, 4)), cache)
