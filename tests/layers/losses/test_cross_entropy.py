import math

import numpy as np
import pytest

from chainrule import layers

QUARTERS = np.log([[1.0, 2.0, 1.0], [4.0, 3.0, 1.0]])  # softmax: 1/4 1/2 1/4 and 1/2 3/8 1/8


def gradient(loss, X, targets):
    return loss.backward(loss.forward(X, targets)[1])


def test_small_numbers_with_class_numbers():
    loss, labels = layers.CrossEntropyLoss(), np.array([1, 2])
    value, cache = loss.forward(QUARTERS, labels)
    assert value == pytest.approx((math.log(2) + math.log(8)) / 2, rel=1e-15)
    expected = [[1 / 8, -1 / 4, 1 / 8], [1 / 4, 3 / 16, -7 / 16]]
    np.testing.assert_allclose(loss.backward(cache), expected, rtol=1e-15)


def test_small_numbers_after_the_softmax():
    loss = layers.CrossEntropyLoss(from_logits=False)
    X, T = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([[1.0, 0.0], [0.5, 0.5]])
    value, cache = loss.forward(X, T)
    assert value == pytest.approx((math.log(4) + math.log(2)) / 2, rel=1e-15)
    np.testing.assert_array_equal(loss.backward(cache), [[-2, 0], [-0.5, -0.5]])


@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_class_numbers_mean_the_same_as_one_hot_rows(from_logits, smoothing):
    loss = layers.CrossEntropyLoss(label_smoothing=smoothing, from_logits=from_logits)
    X, labels = np.random.default_rng(0).dirichlet(np.ones(5), 6), np.array([0, 4, 2, 2, 1, 3])
    for one_hot in (np.eye(5)[labels], np.eye(5, dtype=int)[labels]):
        assert loss.forward(X, labels)[0] == loss.forward(X, one_hot)[0]
        np.testing.assert_array_equal(gradient(loss, X, labels), gradient(loss, X, one_hot))


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.uint64])
def test_any_integer_dtype_may_number_the_classes(dtype):
    labels = np.array([1, 2])
    loss = layers.CrossEntropyLoss()
    assert loss.forward(QUARTERS, labels.astype(dtype))[0] == loss.forward(QUARTERS, labels)[0]


def test_smoothing_spreads_its_share_over_all_classes():
    value, _ = layers.CrossEntropyLoss(label_smoothing=0.3).forward(QUARTERS[:1], np.array([0]))
    assert value == pytest.approx(0.8 * math.log(4) + 0.1 * math.log(2) + 0.1 * math.log(4), rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_ten_thousand_are_safe(dtype):
    X = np.array([[1e4, -1e4, 0], [-1e4, 1e4, 1e4]], dtype)
    value, cache = layers.CrossEntropyLoss().forward(X, np.array([1, 0]))
    assert value == pytest.approx(2e4 + math.log(2) / 2, rel=float(np.finfo(dtype).eps))
    np.testing.assert_array_equal(layers.CrossEntropyLoss().backward(cache), [[0.5, -0.5, 0], [-0.5, 0.25, 0.25]])


def test_a_probability_of_zero_counts_only_where_its_target_does():
    loss, X = layers.CrossEntropyLoss(from_logits=False), np.array([[0.0, 1.0]])
    value, cache = loss.forward(X, np.array([1]))
    assert value == 0
    np.testing.assert_array_equal(loss.backward(cache), [[0, -1]])
    value, cache = loss.forward(X, np.array([0]))
    assert value == np.inf
    np.testing.assert_array_equal(loss.backward(cache), [[-np.inf, 0]])


@pytest.mark.parametrize(
    ("X", "targets", "error", "message"),
    [
        (QUARTERS, [0, 3], ValueError, r"targets run from 0 to 3, but class numbers must lie in 0 … 2"),
        (QUARTERS, [-1, 2], ValueError, r"targets run from -1 to 2, but class numbers must lie in 0 … 2"),
        (QUARTERS, [0.0, 2.0], TypeError, r"targets have dtype float64, but class numbers must be integers"),
        (QUARTERS, [True, False], TypeError, r"targets have dtype bool, but class numbers must be integers"),
        (QUARTERS, [0, 1, 2], ValueError, r"targets have shape \(3,\), but must be class numbers of shape \(2,\)"),
        (QUARTERS, [[0], [1]], ValueError, r"targets have shape \(2, 1\), .* or probabilities of shape \(2, 3\)"),
        (QUARTERS[0], [0, 1, 2], ValueError, r"X has shape \(3,\), but must have shape \(S, K\)"),
        (np.ones((0, 3)), [], ValueError, r"X has shape \(0, 3\), but must have shape \(S, K\), neither of them 0"),
        (np.ones((2, 3), int), [0, 1], TypeError, r"X has dtype int64, but must be an array of floats"),
    ],
)
def test_what_does_not_fit_is_refused(X, targets, error, message):
    with pytest.raises(error, match=r"CrossEntropyLoss\(\): " + message):
        layers.CrossEntropyLoss().forward(X, np.array(targets))


def test_negative_probabilities_are_refused():
    with pytest.raises(
        ValueError, match=r"from_logits=False\): X has an entry -0.5, but probabilities are not negative"
    ):
        layers.CrossEntropyLoss(from_logits=False).forward(np.array([[-0.5, 1.5]]), np.array([1]))


@pytest.mark.parametrize("smoothing", [-0.1, 1.1])
def test_smoothing_out_of_range_is_refused(smoothing):
    with pytest.raises(ValueError, match=f"label_smoothing is {smoothing}, but must lie between 0 and 1"):
        layers.CrossEntropyLoss(label_smoothing=smoothing)
