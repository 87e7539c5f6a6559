import platform
import sys
from importlib.metadata import version

import pytest

import chainrule
from chainrule.cli import app as cli
from chainrule.cli import main
from chainrule.errors import UserError


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["chainrule", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `chainrule runs` fail in the middle."""

    def fail(folder: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("chainrule.train.records.folder.find_runs_folder", fail)


def test_the_version_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "--version") == 0
    first, python, needs, can_use = capsys.readouterr().out.splitlines()
    assert first == f"chainrule {chainrule.__version__}"
    assert python.startswith(f"Python {platform.python_version()} on ")
    assert f"numpy {version('numpy')}" in needs
    assert "scikit-learn" in can_use


def test_help_lists_every_command_with_its_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "--help") == 0
    out = capsys.readouterr().out
    for name in cli.COMMANDS:
        assert f"\n  {name} " in out
    assert "..." not in out.partition("Commands:")[2]


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_is_documented(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(monkeypatch, name, "--help") == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) > 12
    for line in out.partition("Options:")[2].splitlines():
        if line.strip().startswith("--"):
            assert len(line.split(maxsplit=1)) == 2, line


@pytest.mark.parametrize(
    "arguments", [["--colour"], ["fly"], ["runs", "--fast"], ["train", "--seeds", "0", "mlp-numpy"]]
)
def test_bad_usage_exits_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(monkeypatch, *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err


def test_a_user_error_is_its_sentence_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "train", "mlp-numpy", "--set", "lr=0") == 2
    assert capsys.readouterr().err == "lr is 0.0, but must be above 0\n"


@pytest.mark.usefixtures("broken")
def test_a_fault_of_chainrule_is_one_sentence_that_names_debug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "runs") == 70
    assert capsys.readouterr().err == (
        "chainrule failed (ZeroDivisionError: division by zero); run again with --debug to see where\n"
    )


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("arguments", [["--debug", "runs"], ["runs", "--debug"]])
def test_debug_anywhere_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(monkeypatch, *arguments) == 70
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "in fail" in err


def test_debug_shows_the_traceback_of_a_user_error_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "train", "mlp-numpy", "--set", "lr=0", "--debug") == 2
    assert UserError.__name__ in capsys.readouterr().err


def test_ctrl_c_is_told_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(folder: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chainrule.train.records.folder.find_runs_folder", interrupt)
    assert run(monkeypatch, "runs") == 130
    assert capsys.readouterr().err.strip() == "stopped by Ctrl-C; the same command begins again"
