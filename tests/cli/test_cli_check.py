import inspect
import json
import os
import re
import sys
from pathlib import Path

import pytest

from chainrule.cli import main
from chainrule.cli.commands.check import check

TARGETS = Path(__file__).parents[1] / "check" / "handins"


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


VERDICT_KEYS = {"name", "ok", "kind", "sure", "seed", "places", "notes", "rows", "stages", "file"}
ROW_KEYS = {"name", "kind", "sentence", "error", "tolerance", "doubt", "explanation", "variant"}
EXPLANATION_KEYS = {"kind", "sentence", "repair", "line", "expression", "symbols", "points"}


def test_json_holds_everything(run):
    code, out, _ = run(f"{TARGETS / 'stages.py'}:layernorm_backward", "--json", "--stages", "dxhat,dvar")
    content = json.loads(out)
    (verdict,) = content["verdicts"]
    assert (code, content.keys()) == (1, {"verdicts", "complaints", "printed", "isolation"})
    assert verdict.keys() == VERDICT_KEYS
    assert (verdict["ok"], verdict["kind"], verdict["seed"]) == (False, "wrong", 0)
    first, *others = verdict["places"]
    assert first == {"words": "", "shapes": {"x": [4, 5], "gamma": [5], "beta": [5]}}
    assert all(place["words"] and place["shapes"].keys() == first["shapes"].keys() for place in others)
    assert len(others) > 5  # of every gradient, whatever else is wrong
    assert verdict["sure"].startswith("How sure: ")
    rows = {row["name"]: row for row in [*verdict["rows"], *verdict["stages"]]}
    assert all(row.keys() == ROW_KEYS for row in rows.values())
    assert {name: row["kind"] for name, row in rows.items()} == {
        "Y": "right", "x": "wrong", "gamma": "right", "beta": "right", "dxhat": "right", "dvar": "wrong",
    }  # fmt: skip
    said = rows["x"]["explanation"]
    assert said.keys() == EXPLANATION_KEYS
    assert said["kind"] == "term"
    assert said["expression"] == "var = (xc**2).mean(axis=1, keepdims=True)"
    assert said["symbols"].startswith("In symbols: divide ")
    assert said["points"] == 4
    assert rows["gamma"]["error"] <= rows["gamma"]["tolerance"] < 1e-9
    assert rows["gamma"]["doubt"] < 1e-9


def test_the_help_names_every_key_of_the_json():
    text = inspect.getdoc(check)
    for key in VERDICT_KEYS | ROW_KEYS | EXPLANATION_KEYS:
        assert re.search(rf"\b{key}\b", text), key


def test_the_answer_is_coloured_on_a_terminal_alone(run, monkeypatch):
    assert "\x1b[" not in run(TARGETS / "plain.py")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")  # a dumb terminal has no colours, whoever forces them
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[32m" in run(TARGETS / "plain.py")[1]


def test_a_page_is_written(run, tmp_path):
    page = tmp_path / "page.html"
    code, out, err = run(f"{TARGETS / 'plain.py'}", "--html", page)
    assert (code, err) == (0, f"wrote {page}\n")
    assert out.startswith("swish_backward: right")
    assert "<svg" in page.read_text(encoding="utf-8")
    code, _, err = run(f"{TARGETS / 'plain.py'}", "--html", tmp_path / "absent" / "page.html")
    assert code == 2
    assert "cannot write" in err


@pytest.mark.skipif(sys.platform == "win32", reason="there no file has such a name")
def test_the_name_of_a_file_is_no_command_to_the_terminal_and_no_line_of_the_answer(run, tmp_path):
    for name in ("a\x1b[31m.py", "b\nb_backward: right\n.py", os.fsdecode(b"c\xff.py")):
        (tmp_path / name).write_text("def f(x):\n    return 3 * x\ndef f_backward(dout, x):\n    return 2 * dout\n")
    code, out, err = run(tmp_path)
    titles = [line.removeprefix(str(tmp_path)) for line in out.splitlines() if line.endswith(".py:")]
    assert (code, err) == (1, "")
    assert titles == ["/a\\x1b[31m.py:", "/b\\nb_backward: right\\n.py:", "/c?.py:"]
    assert "b_backward: right" not in out.splitlines()
    page = tmp_path / "page.html"
    run(tmp_path / os.fsdecode(b"c\xff.py"), "--html", page)
    assert "<title>c?.py" in page.read_text(encoding="utf-8")


def test_equations_are_taken_as_derive_takes_them(run, tmp_path):
    path = tmp_path / "theirs.py"
    path.write_text("def cube(x):\n    return x**3\n\n\ndef cube_backward(dout, x):\n    return dout * x**2\n")
    code, out, _ = run(path, "--equations", "Y[s,n] = X[s,n]^3")
    assert code == 1
    assert "In symbols: the factor 3 is missing: what is computed is dX[s,n] = dY[s,n] * X[s,n]^2." in out
    code, out, err = run(path, "--equations", "softmax")
    assert (code, "cube_backward: wrong" in out) == (1, True)
    assert "the equations, of X, do not compute what the forward does from x" in err
    assert run(path, "--equations", "Y[s,n] = ")[0] == 2


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
        ([f"{TARGETS / 'plain.py'}", "--stages", "dx,5"], "`5` is none"),
        ([f"{TARGETS / 'plain.py'}", "--equations", "unheard"], "`unheard` is none of the"),
    ],
)
def test_bad_usage_is_one_sentence_and_exits_with_2(run, arguments, complaint):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert len(err.splitlines()) == 1
