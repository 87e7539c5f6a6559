"""All gradients are compared along one direction at once: as sharply as each by itself."""

import numpy as np
import pytest

from chainrule.check.model.target import Target
from chainrule.check.model.verdict import RIGHT, WRONG
from chainrule.check.trial.judgement import judge, judge_all, leave_kinks, run_backward
from chainrule.check.trial.true_gradients import Truth

NAMES = ("X", "W", "b")


def forward(X, W, b, share=1.0):
    return np.tanh(X @ W.T) * (1 + share * b**2)


def backward(dY, X, W, b, share=1.0):
    t = np.tanh(X @ W.T)
    dA = dY * (1 + share * b**2) * (1 - t**2)
    return {"X": dA @ W, "W": dA.T @ X, "b": (dY * t * 2 * share * b).sum(axis=0)}


def make_point(seed, spoil=lambda found: found, forward=forward, **share):
    rng = np.random.default_rng(seed)
    inputs = {"X": rng.normal(size=(3, 5)), "W": rng.normal(size=(4, 5)), "b": rng.normal(size=4)}
    target = Target(
        "layer", lambda **given: forward(**given, **share), lambda dY, **given: spoil(backward(dY, **given, **share))
    )
    return run_backward(Truth(target, inputs, rng.normal(size=(3, 4)), NAMES, seed=seed), "")


@pytest.mark.parametrize("seed", range(8))
def test_right_gradients_are_right_at_once_and_one_by_one(seed):
    at_once = judge_all(make_point(seed), NAMES, None)  # which draws no number: nothing is judged one by one
    rng = np.random.default_rng(seed)
    alone = [judge(make_point(seed), name, rng) for name in NAMES]
    assert [row.kind for row in at_once] == [row.kind for row in alone] == [RIGHT] * 3


@pytest.mark.parametrize("wrong", NAMES)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: -d,
        lambda d: d * (1 + 1e-9),
        lambda d: d + 1e-9 * np.abs(d).max() * (np.arange(d.size).reshape(d.shape) == 1),
        lambda d: d[..., ::-1],
        lambda d: 0 * d,
    ],
    ids=["sign", "factor", "one entry", "order", "nothing"],
)
def test_one_wrong_gradient_is_named_among_right_ones(wrong, spoil):
    point = make_point(3, lambda found: {**found, wrong: spoil(found[wrong])})
    kinds = {row.name: row.kind for row in judge_all(point, NAMES, np.random.default_rng(0))}
    assert kinds == {name: WRONG if name == wrong else RIGHT for name in NAMES}


def test_a_wrong_gradient_does_not_hide_behind_others_a_billion_times_as_large():
    point = make_point(3, lambda found: {**found, "b": found["b"] * 1.001}, share=1e-9)
    assert np.abs(point.found["b"]).max() < 1e-8 * np.abs(point.found["X"]).max()
    assert [row.kind for row in judge_all(point, NAMES, np.random.default_rng(0))] == [RIGHT, RIGHT, WRONG]


def test_errors_that_cancel_in_a_sum_of_all_gradients_do_not_cancel():
    def spoil(found):
        return {**found, "X": found["X"] + 1 / found["X"].size, "W": found["W"] - 1 / found["W"].size}

    assert [row.kind for row in judge_all(make_point(5, spoil), NAMES, np.random.default_rng(0))] == [
        WRONG,
        WRONG,
        RIGHT,
    ]


@pytest.mark.parametrize("distance", [0.0, 1e-9, 1e-6])
@pytest.mark.parametrize("size", [7, 4000])
def test_one_entry_at_a_kink_is_seen_among_many(distance, size):
    X = np.random.default_rng(2).normal(size=size)
    X[1] = distance
    target = Target("relu", lambda X: np.maximum(X, 0), lambda dY, X: {"X": dY * (X > 0)})
    truth, note = leave_kinks(Truth(target, {"X": X}, np.random.default_rng(1).normal(size=size), ["X"]), 0)
    moved = not np.array_equal(truth.inputs["X"], X)
    assert moved == bool(note)
    assert moved == (distance < 1e-8)
    row = judge_all(run_backward(truth, ""), ["X"], np.random.default_rng(0))[0]
    assert row.kind == RIGHT


def test_a_forward_that_is_no_function_of_complex_numbers_is_told_at_once():
    def bent(X, W, b):
        t = np.tanh(X @ W.T)
        return t * (1 + b * np.real(b))  # a complex step sees half of the slope

    rows = judge_all(make_point(4, forward=bent), NAMES, np.random.default_rng(0))
    assert [row.kind for row in rows] == [RIGHT] * 3
    assert "central differences" in rows[2].sentence
    assert "complex steps" in rows[0].sentence
