"""Help is folded to the terminal: tables below their last column, commands after a backslash."""

import pytest
from typer.testing import CliRunner

from chainrule.cli.app import COMMANDS, app
from chainrule.cli.terminal.narrow import fold


def test_a_row_goes_on_below_its_last_column_and_a_command_after_a_backslash() -> None:
    assert fold("    flip   mirror each image, left to right", 30).splitlines() == [
        "    flip   mirror each image,", "           left to right",
    ]  # fmt: skip
    assert fold("    chainrule train mlp-numpy --seeds 5", 30).splitlines() == [
        "    chainrule train \\", "        mlp-numpy --seeds 5",
    ]  # fmt: skip
    assert fold("    chainrule derive 'Y_i = X_i c' --form numpy", 30).splitlines() == [
        "    chainrule derive \\", "        'Y_i = X_i c' --form \\", "        numpy",
    ]  # fmt: skip
    assert fold("    chainrule runs", 30) == "    chainrule runs"


@pytest.mark.parametrize("columns", [40, 60])
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_no_help_is_wider_than_its_terminal_but_for_a_word_that_is(
    monkeypatch: pytest.MonkeyPatch, command: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = CliRunner().invoke(app, [*filter(None, [command]), "--help"], terminal_width=None)
    assert shown.exit_code == 0
    assert "..." not in shown.output.partition("Commands:")[2]
    wide = [line for line in shown.output.splitlines() if len(line) > columns]
    assert [line for line in wide if len(line.split()) > 1] == []
