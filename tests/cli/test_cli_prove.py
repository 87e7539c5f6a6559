"""`chainrule prove`: exit codes, output for people and for programs, errors."""

import json

import pytest
import typer
from typer.testing import CliRunner

from chainrule.cli.commands.prove import prove
from chainrule.derive import EquationError
from chainrule.errors import UserError

RIGHT = "forward\n  Y[s] = X[s]^2\ngradient dX[s]\n  = 2 * dY[s] * X[s]\n"
WRONG = RIGHT.replace("2 * dY", "dY")


@pytest.fixture
def command():
    app = typer.Typer()
    app.command()(prove)
    return lambda *arguments, **rest: CliRunner().invoke(app, arguments, **rest)


def test_right_derivation_exits_with_0(command, tmp_path):
    (tmp_path / "right.txt").write_text(RIGHT)
    result = command(str(tmp_path / "right.txt"))
    assert (result.exit_code, "Every line follows" in result.output) == (0, True)


def test_wrong_derivation_exits_with_1_and_prints_the_repair(command, tmp_path):
    (tmp_path / "wrong.txt").write_text(WRONG)
    result = command(str(tmp_path / "wrong.txt"))
    assert result.exit_code == 1
    assert "repair: = 2 * dY[s] * X[s]" in result.output


def test_standard_input_is_read_and_json_is_printed(command):
    result = command("-", "--json", input=WRONG)
    assert result.exit_code == 1
    assert json.loads(result.output)["line"] == 4


def test_bad_text_is_one_sentence_with_line_column_and_caret(command):
    error = command("-", input=RIGHT + "  = dY[s] *\n").exception
    assert isinstance(error, EquationError)
    assert str(error).startswith("line 5, column 12: expected a number")
    assert str(error).endswith("^")


def test_missing_file_is_named(command, tmp_path):
    error = command(str(tmp_path / "none.txt")).exception
    assert isinstance(error, UserError)
    assert "none.txt" in str(error)


LATEX = r"""# Squares

$$\frac{\partial L}{\partial X_{s}} = 2 \frac{\partial L}{\partial Y_{s}} X_{s}$$
"""
FORWARD = r"Y_{s} = X_{s}^2"


def test_a_document_in_latex_is_judged_by_its_rows(command, tmp_path):
    (tmp_path / "report.md").write_text(LATEX)
    result = command(str(tmp_path / "report.md"), "--forward", FORWARD)
    assert (result.exit_code, "The derivation follows" in result.output) == (0, True)
    result = command("-", "--json", "--forward", FORWARD, input=LATEX.replace("2 ", ""))
    (judged,) = json.loads(result.output)["derivations"]
    assert (result.exit_code, judged["line"], judged["repair"]) == (1, 3, "2 * dY[s] * X[s]")


def test_a_document_without_a_forward_asks_for_it(command):
    result = command("-", input=LATEX)
    assert result.exit_code == 1
    assert "give it with --forward" in result.output


def test_the_judgement_of_a_document_is_written_as_a_page(command, tmp_path):
    page = tmp_path / "page.html"
    assert command("-", "--forward", FORWARD, "--html", str(page), input=LATEX).exit_code == 0
    assert "<math" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("arguments", [("--forward", "Y[s] = X[s]"), ("--html", "page.html")])
def test_options_for_latex_are_refused_without_it(command, arguments):
    assert isinstance(command("-", *arguments, input=RIGHT).exception, UserError)


def test_a_forward_that_cannot_be_read_is_one_sentence(command):
    error = command("-", "--forward", "Y[s] = ", input=LATEX).exception
    assert isinstance(error, UserError)
    assert "--forward" in str(error)


def test_derivations_in_code_blocks_come_before_latex(command):
    text = "# Notes\n\n$a = \\frac{1}{2}$\n\n```chainrule\n" + RIGHT + "```\n"
    assert "gradient dX[s]" in command("-", input=text).output


def test_matrices_are_judged_by_their_shapes(command):
    result = command("-", input="forward\n    Y = X W + b\ngradient dW\n    = dY X^T\n")
    assert result.exit_code == 1
    assert "shape: `dY Xᵀ` does not fit: dY is M×K and Xᵀ is N×M" in result.output
    assert "repair: = X^T dY" in result.output
