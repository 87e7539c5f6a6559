"""Files as people write them: what is in them is found, fed and judged, and honest mistakes are named."""

import re
from pathlib import Path

import pytest

from chainrule.check.files.given import parse_given
from chainrule.check.files.sandbox import check_file_apart
from chainrule.errors import UserError

pytestmark = pytest.mark.slow

TARGETS = Path(__file__).parents[1] / "handins"


def check(file):
    verdicts, complaints = check_file_apart(TARGETS / file, "", {}, 0)
    assert complaints == []
    return {verdict.name: verdict for verdict in verdicts}


@pytest.fixture(scope="module")
def people():
    return check("people.py")


@pytest.fixture(scope="module")
def loops():
    return check("loops.py")


def kinds(verdict):
    return {row.name: row.kind for row in verdict.rows}


def cause(verdict, name):
    return next(row for row in verdict.rows if row.name == name).cause


def test_each_is_fed_with_what_it_takes(people):
    wrong = {"Affine": ["b"], "Attention": ["Q"], "linear_backward": ["bias"]}
    assert {n: [row.name for row in v.rows if row.kind == "wrong"] for n, v in people.items() if not v.ok} == wrong
    right = {"Returning", "RMSNorm", "Linear", "MLP", "cosine_backward", "lstm_step_backward", "temporal_softmax_loss"}
    assert {name for name, verdict in people.items() if verdict.ok} == right


def test_parameters_given_to_the_constructor_are_arrays(people):
    assert kinds(people["Affine"]) == {"x": "right", "W": "right", "b": "wrong"}


def test_gradients_behind_dx_are_told_apart_by_their_shapes(people):
    assert kinds(people["Returning"]) == {"x": "right", "W": "right", "b": "right"}


def test_an_object_with_several_inputs_is_checked_for_each(people):
    assert kinds(people["Attention"]) == {"Q": "wrong", "K": "right", "V": "right"}
    assert "√5" in cause(people["Attention"], "Q")


def test_the_parameters_of_a_net_that_returns_no_dx_are_checked(people):
    assert set(kinds(people["MLP"])) == {f"modules.{k}.{name}" for k in (0, 1) for name in ("weight", "bias")}
    assert "backward returns no gradient of x, so none was checked" in people["MLP"].notes


def test_a_bias_that_may_be_left_out_is_checked(people):
    assert kinds(people["linear_backward"]) == {"x": "right", "w": "right", "bias": "wrong"}


def test_every_gate_and_both_outputs_of_a_cell_are_checked(people):
    assert list(kinds(people["lstm_step_backward"])) == ["x", "prev_h", "prev_c", "Wx", "Wh", "b"]


@pytest.mark.parametrize(
    ("name", "of"), [("conv_backward_naive", "x"), ("max_pool_backward_naive", "x"), ("word_embedding_backward", "W")]
)
def test_contributions_that_overwrite_each_other_are_named(loops, name, of):
    row = next(row for row in loops[name].rows if row.kind == "wrong")
    assert row.name == of
    if row.mistake == "edit":
        assert re.search(r"With `(\w+)\[.*\] \+= .*` in place of `\1\[", row.cause)
    else:
        assert row.mistake == "overwritten"
        assert row.cause.startswith(f"d{of} holds the last contribution alone")
        assert f"d{of}[…] += …" in row.repair


def test_the_gradient_through_loops_that_fill_zeros_is_exact(loops):
    dw = next(row for row in loops["conv_backward_naive"].rows if row.name == "w")
    assert "by complex steps" in dw.sentence
    assert dw.error < 1e-14


def test_entries_that_labels_pick_are_told(loops):
    assert "is wrong only where y picks an entry of a row (in " in cause(loops["svm_loss"], "x")


def test_what_a_constructor_needs_can_be_given(tmp_path):
    path = tmp_path / "odd.py"
    path.write_text(
        "import numpy as np\n"
        "class Odd:\n"
        "    def __init__(self, knobs):\n"
        "        if knobs != 7: raise ValueError('seven, please')\n"
        "    def forward(self, x):\n        return 2 * x\n"
        "    def backward(self, dout):\n        return 2 * dout\n",
        encoding="utf-8",
    )
    with pytest.raises(UserError, match=r"\(knobs\): ValueError: seven, please \(line 4: .*give them with --input"):
        raise UserError(check_file_apart(path, "", {}, 0)[1][0])
    (verdict,), complaints = check_file_apart(path, "", dict([parse_given("knobs=value:7")]), 0)
    assert (verdict.ok, complaints) == (True, [])


def test_what_is_given_sets_the_sizes_of_the_rest():
    given = dict([parse_given("x=7x2")])
    (verdict,), complaints = check_file_apart(TARGETS / "people.py", "linear", given, 0)
    assert complaints == []
    assert verdict.places[0].shapes == {"x": (7, 2), "w": (2, 3), "bias": (3,)}


def test_an_input_that_nothing_takes_is_told():
    for given in (["gamma=4"], ["x=6x5", "W=4x5"]):
        _, complaints = check_file_apart(TARGETS / "people.py", "Returning", dict(map(parse_given, given)), 0)
        name = given[-1].partition("=")[0]
        assert complaints == [f"--input {name}: nothing that was checked has an argument of that name"]
    assert check_file_apart(TARGETS / "people.py", "Returning", dict([parse_given("W=5x3")]), 0)[1] == []


def test_a_forward_that_is_named_stands_for_its_backward_and_one_without_is_told(tmp_path):
    (verdict,), _ = check_file_apart(TARGETS / "people.py", "lstm_step_forward", {}, 0)
    assert verdict.name == "lstm_step_backward"
    path = tmp_path / "half.py"
    path.write_text("class Half:\n    def forward(self, x):\n        return x\n", encoding="utf-8")
    with pytest.raises(UserError, match="holds nothing to check: Half has no backward; expected classes"):
        check_file_apart(path, "", {}, 0)
