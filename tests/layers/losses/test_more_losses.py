"""Numbers that can be checked on paper, extremes and errors, of the losses that are one formula each."""

import math

import numpy as np
import pytest

from chainrule import layers

LN2 = math.log(2)
LARGEST = np.finfo(np.float32).max / 4


def value_and_slope(loss, X, targets):
    value, cache = loss.forward(np.array(X), np.array(targets))
    return value, loss.backward(cache)


@pytest.mark.parametrize(
    ("loss", "X", "targets", "value", "dX"),
    [
        (layers.BCEWithLogitsLoss(), [[0.0, 0.0]], [[1, 0]], LN2, [[-0.25, 0.25]]),
        (layers.BCEWithLogitsLoss(pos_weight=3), [[0.0, 0.0]], [[1, 0]], 2 * LN2, [[-0.75, 0.25]]),
        (layers.BCEWithLogitsLoss(pos_weight=[3.0, 1.0]), [[0.0, 0.0]], [[1, 1]], 2 * LN2, [[-0.75, -0.25]]),
        (layers.NLLLoss(), [[-1.0, -2.0], [-4.0, -8.0]], [1, 0], 3, [[0, -0.5], [-0.5, 0]]),
        (layers.NLLLoss([3.0, 1.0]), [[-1.0, -2.0], [-4.0, -8.0]], [1, 0], 3.5, [[0, -0.25], [-0.75, 0]]),
        (layers.NLLLoss(), [[-1.0, -2.0], [-4.0, -8.0]], [1, -100], 2, [[0, -1], [0, 0]]),
        (layers.HuberLoss(2.0), [[1.0, 5.0, -5.0, 0.0]], [[0.0] * 4], (0.5 + 8 + 8) / 4, [[0.25, 0.5, -0.5, 0]]),
        (layers.SmoothL1Loss(beta=2.0), [[1.0, 5.0]], [[0.0, 0.0]], (0.25 + 4) / 2, [[0.25, 0.5]]),
        (layers.SmoothL1Loss(beta=0), [[1.0, -5.0, 2.0]], [[0.0, 0.0, 2.0]], 2, [[1 / 3, -1 / 3, 0]]),
        (layers.KLDivLoss(), [[-LN2, -LN2]], [[1.0, 0.0]], LN2 / 2, [[-0.5, 0]]),
        (layers.KLDivLoss(reduction="batchmean"), [[-LN2, -LN2]], [[1.0, 0.0]], LN2, [[-1, 0]]),
        (layers.KLDivLoss(log_target=True), [[-LN2, -LN2]], [[-LN2, -LN2]], 0, [[-0.25, -0.25]]),
        (layers.FocalLoss(0), [[0.0, 0.0]], [1], LN2, [[0.5, -0.5]]),
        (layers.FocalLoss(1), [[0.0, 0.0]], [0], LN2 / 2, [[-(1 + LN2) / 4, (1 + LN2) / 4]]),
        (layers.SigmoidFocalLoss(0.25, 0), [[0.0, 0.0]], [[1, 0]], LN2 / 2, [[-1 / 16, 3 / 16]]),
        (layers.SigmoidFocalLoss(1.0, 1), [[0.0]], [[1]], LN2 / 2, [[-(1 + LN2) / 4]]),
    ],
)
def test_small_numbers(loss, X, targets, value, dX):
    found, slope = value_and_slope(loss, X, targets)
    assert found == pytest.approx(value, rel=1e-14)
    np.testing.assert_allclose(slope, dX, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("loss", "targets"),
    [
        (layers.BCEWithLogitsLoss(), [[1, 0], [0, 1]]),
        (layers.SigmoidFocalLoss(), [[1, 0], [0, 1]]),
        (layers.FocalLoss(), [0, 1]),
        (layers.FocalLoss(0.5), [0, 1]),
        (layers.HuberLoss(), [[0, 0], [0, 0]]),
        (layers.SmoothL1Loss(), [[0, 0], [0, 0]]),
    ],
    ids=repr,
)
def test_far_logits_leave_loss_and_gradient_finite(loss, targets, dtype):
    for far in (100.0, 1e4, 1e18):
        value, dX = value_and_slope(loss, np.array([[far, -far], [far, -far]], dtype), targets)
        assert np.isfinite(value)
        assert np.isfinite(dX).all()


def test_a_sample_that_is_right_and_certain_costs_nothing():
    certain = np.array([[800.0, -800.0]])
    for loss, targets in ((layers.FocalLoss(), [0]), (layers.BCEWithLogitsLoss(), [[1, 0]])):
        value, dX = value_and_slope(loss, certain, targets)
        assert value == 0
        assert not dX.any()


def test_focal_loss_keeps_its_digits_where_the_class_is_nearly_certain():
    value, dX = value_and_slope(layers.FocalLoss(2), [[20.0, -20.0]], [0])
    rest = math.exp(-40)
    assert value == pytest.approx(rest**3, rel=1e-12)
    assert dX[0, 0] == pytest.approx(-3 * rest**3, rel=1e-12)


def test_focal_loss_without_focus_is_cross_entropy():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(6, 4)), rng.integers(0, 4, 6)
    focal, entropy = (value_and_slope(loss, X, y) for loss in (layers.FocalLoss(0), layers.CrossEntropyLoss()))
    assert focal[0] == pytest.approx(entropy[0], rel=1e-14)
    np.testing.assert_allclose(focal[1], entropy[1], rtol=1e-13, atol=1e-16)


def test_smooth_absolute_error_is_the_huber_loss_divided_by_its_delta():
    rng = np.random.default_rng(1)
    X, T = rng.normal(size=(2, 6, 4))
    smooth, huber = (value_and_slope(loss, X, T) for loss in (layers.SmoothL1Loss(beta=0.7), layers.HuberLoss(0.7)))
    assert smooth[0] == pytest.approx(huber[0] / 0.7, rel=1e-14)
    np.testing.assert_allclose(smooth[1], huber[1] / 0.7, rtol=1e-14)


class TestContrastive:
    def test_two_pairs_far_from_each_other_cost_what_their_angles_say(self):
        X = np.array([[1.0, 0], [3, 0], [0, 2], [0, 1]])
        value, dX = value_and_slope(layers.ContrastiveLoss(1.0), X, [0, 0, 1, 1])
        assert value == pytest.approx(math.log(1 + 2 / math.e), rel=1e-14)
        assert not (dX * X).sum(axis=1).round(15).any()  # stretching an embedding changes nothing

    def test_samples_without_a_partner_are_no_anchors_but_are_kept_away_from(self):
        X, loss = np.random.default_rng(2).normal(size=(3, 4)), layers.ContrastiveLoss(0.5)
        value, dX = value_and_slope(loss, X, [5, 5, 7])
        Z = X / np.linalg.norm(X, axis=1, keepdims=True)
        E = Z @ Z.T / 0.5
        terms = [np.log(np.exp(E[s, r]) + np.exp(E[s, 2])) - E[s, r] for s, r in ((0, 1), (1, 0))]
        assert value == pytest.approx(np.mean(terms), rel=1e-13)
        assert dX[2].any()

    @pytest.mark.parametrize(
        ("X", "targets", "error", "message"),
        [
            (np.ones((3, 2)), [0, 1, 2], ValueError, "no two of the 3 targets are equal"),
            (np.array([[1.0, 0], [0, 0]]), [1, 1], ValueError, "row 1 of X is 0, so it has no direction"),
            (np.ones((2, 2)), [0.0, 0.0], TypeError, "targets have dtype float64, but class numbers must be integers"),
            (np.ones((2, 2)), [0, 0, 1], ValueError, r"targets have shape \(3,\), but must be class numbers"),
        ],
    )
    def test_what_cannot_be_compared_is_refused(self, X, targets, error, message):
        with pytest.raises(error, match=message):
            layers.ContrastiveLoss().forward(X, np.array(targets))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.HuberLoss(0), "delta is 0, but must be positive"),
        (lambda: layers.SmoothL1Loss(beta=-1), "beta is -1, but must be at least 0"),
        (lambda: layers.KLDivLoss(reduction="sum"), "reduction is 'sum', but must be 'mean' or 'batchmean'"),
        (lambda: layers.FocalLoss(-1), "gamma is -1, but must be at least 0"),
        (lambda: layers.SigmoidFocalLoss(2), "alpha must lie between 0 and 1"),
        (lambda: layers.ContrastiveLoss(0), "temperature is 0, but must be positive"),
        (lambda: layers.BCEWithLogitsLoss(pos_weight=-1), "must be numbers from 0 up"),
        (lambda: layers.NLLLoss([[1.0]]), "must be a row of numbers from 0 up"),
    ],
)
def test_wrong_settings_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("loss", "targets", "error", "message"),
    [
        (layers.BCEWithLogitsLoss(), [[0, 2], [0, 0]], ValueError, "targets run from 0 to 2, but must lie in 0 … 1"),
        (layers.BCEWithLogitsLoss(), [0, 1], ValueError, r"X has shape \(2, 2\) and targets \(2,\)"),
        (layers.BCEWithLogitsLoss(pos_weight=[1, 2, 3]), [[0, 1], [0, 1]], ValueError, r"pos_weight \(3,\)"),
        (layers.SigmoidFocalLoss(), [[0, 0.5], [0, 0]], ValueError, "targets must each be 0 or 1"),
        (layers.NLLLoss(), [0, 2], ValueError, r"targets run from 0 to 2, but class numbers must lie in 0 … 1"),
        (layers.NLLLoss(), [-100, -100], ValueError, "no sample counts"),
        (layers.NLLLoss([1.0, 1.0, 1.0]), [0, 1], ValueError, "one for each class"),
        (layers.FocalLoss(), [0.0, 1.0], TypeError, "class numbers must be integers"),
        (layers.KLDivLoss(), [[0.5, -0.5], [1, 0]], ValueError, "probabilities are not negative"),
        (layers.HuberLoss(), [[0, 1]], ValueError, r"X has shape \(2, 2\) and targets \(1, 2\)"),
    ],
)
def test_targets_that_do_not_fit_are_refused(loss, targets, error, message):
    with pytest.raises(error, match=message):
        loss.forward(np.zeros((2, 2)), np.array(targets))
