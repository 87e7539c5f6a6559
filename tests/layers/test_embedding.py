import numpy as np
import pytest

from chainrule import layers, nets
from chainrule.layers.embedding import RARE, add_rows


def test_each_token_is_replaced_by_its_row():
    layer = layers.Embedding(3, 2, dtype=np.float64)
    layer.weight[...] = [[1, 2], [3, 4], [5, 6]]
    Y, _ = layer.forward(np.array([[2, 0], [2, 1]]))
    np.testing.assert_array_equal(Y, [[[5, 6], [1, 2]], [[5, 6], [3, 4]]])


def test_cotangents_of_a_token_that_stands_twice_add_up_and_unread_rows_get_none():
    layer = layers.Embedding(4, 2, dtype=np.float64)
    _, cache = layer.forward(np.array([2, 0, 2]))
    dX, grads = layer.backward(np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]), cache)
    assert dX is None
    np.testing.assert_array_equal(grads["weight"], [[2, 20], [0, 0], [5, 50], [0, 0]])


@pytest.mark.parametrize("vocabulary", [1, 2, 40, 3000])
def test_rows_are_added_however_often_their_token_stands(vocabulary):
    rng = np.random.default_rng(vocabulary)
    tokens = rng.choice(vocabulary, 1500, p=rng.dirichlet(np.full(vocabulary, 0.1)))
    rows, expected = rng.normal(size=(1500, 3)), np.zeros((vocabulary, 3))
    np.add.at(expected, tokens, rows)
    np.testing.assert_allclose(add_rows(tokens, rows, vocabulary), expected, rtol=0, atol=1e-12)


def test_rows_of_rare_and_of_common_tokens_are_added_alike():
    tokens = np.repeat(np.arange(2 * RARE), np.arange(2 * RARE) + 1)[::-1]
    sums = add_rows(tokens, np.ones((len(tokens), 1)), 2 * RARE)
    np.testing.assert_array_equal(sums[:, 0], np.arange(2 * RARE) + 1)


def test_no_tokens_leave_a_gradient_of_zeros():
    layer = layers.Embedding(4, 2)
    Y, cache = layer.forward(np.zeros((0, 5), int))
    assert Y.shape == (0, 5, 2)
    np.testing.assert_array_equal(layer.backward(Y, cache)[1]["weight"], np.zeros((4, 2)))


@pytest.mark.parametrize("padding", [1, -3])
def test_the_padding_row_is_zero_and_stays_so(padding):
    layer = layers.Embedding(4, 2, padding_idx=padding)
    assert layer.padding_idx == 1
    np.testing.assert_array_equal(layer.weight[1], [0, 0])
    Y, cache = layer.forward(np.array([1, 3, 1]))
    dweight = layer.backward(np.ones_like(Y), cache)[1]["weight"]
    np.testing.assert_array_equal(dweight, [[0, 0], [0, 0], [0, 0], [1, 1]])


def test_a_network_that_begins_with_an_embedding_needs_no_gradient_of_tokens():
    rng = np.random.default_rng(0)
    net = nets.Sequential(layers.Embedding(5, 3, rng=rng), layers.Linear(3, 2, rng=rng))
    Y, cache = net.forward(np.array([[4, 0], [1, 4]], np.uint8))
    dX, grads = net.backward(Y, cache)
    assert dX is None
    assert grads.keys() == net.params.keys()


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        (np.array([0.0, 1.0]), TypeError, r"Embedding\(4, 2\): X has dtype float64, but tokens must be integers"),
        ([0, 1], TypeError, "X has type list, but must be an array of integers"),
        (np.array([0, 4]), ValueError, r"X runs from 0 to 4, but tokens must lie in 0 … 3"),
        (np.array([-1, 2]), ValueError, r"X runs from -1 to 2"),
    ],
)
def test_what_are_no_tokens_is_refused(X, error, message):
    with pytest.raises(error, match=message):
        layers.Embedding(4, 2).forward(X)


def test_a_padding_row_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="padding_idx is 4, but there are 4 rows"):
        layers.Embedding(4, 2, padding_idx=4)
