"""Training against evaluation: what is right in one mode alone is found in the other, and told with it."""

from pathlib import Path

import numpy as np
import pytest
from tests.check.handins import modes

from chainrule import check, layers
from chainrule.check.files.sandbox import check_file_apart
from chainrule.check.targets.modes import EVALUATION, TRAINING, switch_parts, switch_settings

PATH = Path(__file__).parents[1] / "handins" / "modes.py"
X = np.random.default_rng(5).normal(size=(6, 5))
WRONG = {
    "EvaluationBatchNorm", "EvaluationScale", "EvaluationDropout", "NetOfModes", "batchnorm_backward_always_train",
    "dropout_backward_always_masked", "noisy_backward",
}  # fmt: skip


@pytest.fixture(scope="module")
def verdicts():
    found, complaints = check_file_apart(PATH, "", {}, 0)
    assert complaints == []
    return {verdict.name: verdict for verdict in found}


def test_every_style_is_judged_in_both_modes(verdicts):
    right = {"BatchNorm", "Dropout", "Flagged", "batchnorm_backward", "dropout_backward"}
    assert {name for name, verdict in verdicts.items() if verdict.ok} == right
    assert {name for name, verdict in verdicts.items() if verdict.kind == "wrong"} == WRONG


@pytest.mark.parametrize("name", sorted(WRONG))
def test_what_is_wrong_in_evaluation_alone_is_told_with_the_mode(verdicts, name):
    wrong = [row for row in verdicts[name].rows if row.kind == "wrong"]
    assert all(row.variant == EVALUATION and row.sentence.endswith(", in evaluation mode") for row in wrong)
    assert wrong[0].name == "x"


@pytest.mark.parametrize("name", ["dropout_backward_always_masked", "noisy_backward"])
def test_the_gradient_of_the_other_mode_is_named(verdicts, name):
    (row,) = verdicts[name].rows
    assert (row.mistake, row.cause) == ("mode", "dx is the gradient of what forward computes in training mode.")


def test_running_statistics_are_not_those_of_the_start(verdicts):
    (row, *_) = verdicts["EvaluationScale"].rows
    assert row.error > 1e-4, "a deviation of 1 would hide that it is not divided by"


def test_what_no_mistake_names_is_told_to_be_right_in_the_other_mode(verdicts):
    (row, *_) = verdicts["EvaluationBatchNorm"].rows
    assert row.mistake == "mode"
    assert row.repair.startswith("In training mode it is right: let backward see in which mode")
    assert "In symbols" not in verdicts["EvaluationBatchNorm"].text, "the equations are those of training"


def test_a_backward_that_is_not_meant_for_evaluation_is_noted(verdicts):
    (note,) = (note for note in verdicts["Flagged"].notes if "evaluation" in note)
    assert note.startswith("in evaluation mode backward fails after forward, so nothing was compared there: Attribute")
    assert "mask" in note


@pytest.mark.parametrize("make", [lambda: modes.BatchNorm(5), modes.Dropout, lambda: modes.NetOfModes(5)])
def test_an_object_passed_in_python_is_not_changed(make):
    made = make()
    before = {name: np.copy(value) for name, value in vars(made).items() if name != "layers"}
    check.check_layer(made, X)
    assert before.keys() == vars(made).keys() - {"layers"}
    assert all(np.array_equal(before[name], vars(made)[name]) for name in before)


def test_an_object_in_evaluation_mode_is_checked_in_training_too():
    class TrainingBatchNorm(modes.BatchNorm):
        def backward(self, dout):
            super().backward(dout)
            return dout * self.gamma / self.std

    made = TrainingBatchNorm(5)
    made.forward(X)
    made.eval()
    verdict = check.check_layer(made, X)
    assert {row.name: row.variant for row in verdict.rows if row.kind == "wrong"} == {"x": TRAINING}
    assert {row.name for row in verdict.rows} == {"x", "gamma", "beta"}
    assert "are treated as constants" in verdict.text


def test_a_layer_of_chainrule_is_judged_in_both_modes():
    class Frozen(layers.BatchNorm1d):
        def backward(self, dY, cache):
            dX, grads = super().backward(dY, cache)
            return dX if self.training else dY * self.weight, grads

    rng = np.random.default_rng(0)
    verdict = check.check_layer(Frozen(5, dtype=np.float64), rng.normal(size=(6, 5)))
    assert {row.name: row.variant for row in verdict.rows if row.kind == "wrong"} == {"X": EVALUATION}


def test_the_other_mode_of_settings_is_found_as_people_spell_it():
    told = {"x": X, "bn_param": {"mode": "test", "p": 0.5}, "training": False, "kept": True}
    found = [(words, at["bn_param"]["mode"], at["training"]) for words, at in switch_settings(told)]
    assert found == [(TRAINING, "train", False), (TRAINING, "training", False), (TRAINING, "test", True)]


def test_parts_are_brought_into_one_mode():
    whole = modes.NetOfModes(5)
    whole.layers[1].eval()
    assert switch_parts(whole.layers) == EVALUATION
    assert [part.training for part in whole.layers] == [False, False]
    assert switch_parts(whole.layers) == TRAINING
    assert [part.training for part in whole.layers] == [True, True]
    assert switch_parts([object()]) == ""
