"""`chainrule prove`: exit codes, output for people and for programs, errors."""

import json

import pytest
import typer
from typer.testing import CliRunner

from chainrule.cli.prove import prove
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
