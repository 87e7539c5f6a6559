"""Modules of PyTorch's: every parameter in both modes, and the Function that is to blame."""

from pathlib import Path

import numpy as np
import pytest

from chainrule import check
from chainrule.check.files.verdicts import check_file
from chainrule.errors import UserError

torch = pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.slow]

from tests.check.handins import modules  # noqa: E402

PATH = Path(__file__).parents[2] / "handins" / "modules.py"
X = np.random.default_rng(5).normal(size=(4, 5))


def wrong_rows(verdict):
    return [row.name for row in verdict.rows if row.kind == "wrong"]


def rows_of(verdict):
    return {row.name: row for row in verdict.rows}


def test_every_parameter_of_a_right_module_is_right_in_both_modes():
    verdict = check.check_layer(modules.Scaled(5, 3), X)
    assert verdict.ok, verdict.text
    assert set(rows_of(verdict)) == {"x", "linear.weight", "linear.bias", "norm.weight", "norm.bias", "gain"}
    assert verdict.notes == ()


def test_the_function_that_is_to_blame_is_named_and_diagnosed():
    verdict = check.check_layer(modules.ScaledWrong(5, 3), X)
    assert wrong_rows(verdict) == ["gain"]
    cause = rows_of(verdict)["gain"].cause
    assert cause.startswith("The cause is `ScaleWrong` (line ")
    assert "dgain is the right gradient times 1/4" in cause


def test_what_lies_before_a_wrong_function_is_wrong_and_what_lies_behind_is_right():
    verdict = check.check_layer(modules.Net(5, 6), torch.tensor(X))
    assert wrong_rows(verdict) == ["x", "first.weight", "first.bias"]
    assert "`mean` (line " in rows_of(verdict)["x"].cause
    assert rows_of(verdict)["first.weight"].cause == "The cause is the same."


@pytest.mark.parametrize(
    ("kind", "words"), [("OnlyInTraining", "is wrong"), ("OnlyInEvaluation", "in evaluation mode")]
)
def test_a_mistake_in_one_mode_alone_is_found(kind, words):
    verdict = check.check_layer(getattr(modules, kind)(5), X)
    assert wrong_rows(verdict) == ["x", "linear.weight", "linear.bias"]
    assert all(row.sentence.endswith(words) for row in verdict.rows)


def test_a_tensor_that_leaves_the_graph_is_found():
    verdict = check.check_layer(modules.OutOfGraph(5, 3), X)
    assert wrong_rows(verdict) == ["x", "linear.weight", "linear.bias"]
    assert "`mean` (line " in verdict.text
    assert "is treated as a constant" in verdict.text


def test_the_module_itself_is_not_changed():
    module = modules.Scaled(5, 3)
    state = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    check.check_layer(module, X)
    assert all(torch.equal(tensor, state[name]) for name, tensor in module.state_dict().items())
    assert modules.Scale.forward is not modules.ScaleWrong.__dict__.get("forward")


def test_the_packages_own_layer_norm_is_right_as_a_module():
    from chainrule.pytorch import LayerNormAutograd, LayerNormManual

    for kind in (LayerNormManual, LayerNormAutograd):
        verdict = check.check_layer(kind(5), X)
        assert verdict.ok, verdict.text
        assert verdict.notes == ()


def test_modules_with_functions_are_found_in_a_file_and_others_by_name():
    verdicts, complaints = check_file(PATH, "", {}, 0)
    assert complaints == []
    found = {verdict.name: verdict.kind for verdict in verdicts}
    wrong = ["ScaleWrong", "Centred", "ScaledWrong", "Net", "OnlyInTraining", "OnlyInEvaluation", "OutOfGraph"]
    assert found == {"Scale": "right", "Scaled": "right", **dict.fromkeys(wrong, "wrong")}
    (ordinary,), _ = check_file(PATH, "Ordinary", {}, 0)
    assert ordinary.ok, ordinary.text


def test_an_input_that_the_module_refuses_is_told():
    with pytest.raises(UserError, match="Scaled: forward fails: RuntimeError"):
        check.check_layer(modules.Scaled(5, 3), X[:, :2])
