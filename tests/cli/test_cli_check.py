import json
import sys
from pathlib import Path

import pytest

from chainrule.cli import main

TARGETS = Path(__file__).parents[1] / "check" / "targets"


@pytest.fixture
def run(monkeypatch, capsys):
    """Run `chainrule check`; return exit code, what it printed, and what it complained of."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["chainrule", "check", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        out, err = capsys.readouterr()
        return int(end.value.code or 0), out, err

    return call


def test_a_right_file_exits_with_0(run):
    code, out, _ = run(TARGETS / "plain.py")
    assert code == 0
    assert out.splitlines()[0] == "swish_backward: right"


def test_a_wrong_backward_is_told_with_its_line_and_exits_with_1(run):
    code, out, _ = run(f"{TARGETS / 'course.py'}:layernorm_backward")
    assert code == 1
    assert out.splitlines()[0] == "layernorm_backward: wrong"
    assert "mu = x.mean(axis=1, keepdims=True)" in out
    assert "are treated as constants" in out
    assert "softmax_loss" not in out


def test_json_holds_every_row(run):
    code, out, _ = run(f"{TARGETS / 'practical.py'}:LinearModule", "--json")
    (verdict,) = json.loads(out)["verdicts"]
    assert code == 1
    assert (verdict["ok"], verdict["kind"]) == (False, "wrong")
    assert {row["name"]: row["kind"] for row in verdict["rows"]} == {"x": "right", "weight": "right", "bias": "wrong"}


def test_inputs_can_be_given(run):
    inputs = ("--input", "x=7x6", "--input", "w=6x2", "--input", "b=2", "--seed", "3")
    code, out, _ = run(f"{TARGETS / 'course.py'}:affine_backward", *inputs)
    assert code == 0
    code, out, err = run(f"{TARGETS / 'course.py'}:affine_backward", "--input", "x=7x9", "--input", "w=6x2")
    assert (code, out) == (2, "")
    assert "affine_forward: no inputs were found that it takes" in err


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["absent.py"], "absent.py is no file"),
        ([f"{TARGETS / 'plain.py'}:other"], "no backward named other"),
        ([f"{TARGETS / 'plain.py'}", "--input", "x=big"], "expected NAME=8x5"),
    ],
)
def test_bad_usage_is_one_sentence_and_exits_with_2(run, arguments, complaint):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert len(err.splitlines()) == 1
