import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.cli import main
from chainrule.experiments import find_experiment

pytest.importorskip("optuna")

OVER = ["--over", "lr=1e-3:1e-1:log", "--over", "norm=none,layer"]
SMALL = ["--data", "digits", "--set", "steps=20", "--set", "eval_every=5", "--set", "batch_size=50"]


class Console:
    """Runs `chainrule sweep` in this process."""

    def __init__(self, runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.runs, self._monkeypatch, self._capsys = runs, monkeypatch, capsys

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["chainrule", "sweep", *arguments, "--runs", str(self.runs)])
        with pytest.raises(SystemExit) as end:
            main()
        captured = self._capsys.readouterr()
        return int(end.value.code or 0), captured.out, captured.err


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(tmp_path / "runs", monkeypatch, capsys)


@pytest.mark.slow
def test_a_sweep_ends_in_a_command_and_pictures(console: Console) -> None:
    code, out, err = console("mlp-numpy", *OVER, *SMALL, "--trials", "3")
    assert (code, err) == (0, "")
    assert "3 trained to their end, 0 given up" in out
    assert "chainrule train mlp-numpy --set" in out
    for picture in ("history", "importance"):
        assert (console.runs / f"mlp-numpy-{picture}.png").read_bytes().startswith(b"\x89PNG")
        assert "</svg>" in (console.runs / f"mlp-numpy-{picture}.svg").read_text()


def test_json_is_all_of_stdout_and_its_command_holds_every_setting(console: Console) -> None:
    code, out, err = console("mlp-numpy", *OVER, *SMALL, "--trials", "2", "--study", "mine", "--json")
    assert code == 0
    assert "trial 1" in err
    outcome = json.loads(out)
    assert (outcome["study"], outcome["trials"], outcome["given_up"]) == ("mine", 2, 0)
    words = outcome["command"].split()
    assert words[:3] == ["chainrule", "train", "mlp-numpy"]
    config = find_experiment("mlp-numpy").config.with_settings(words[4::2])
    best = {name: str(value) for name, value in outcome["best"]["settings"].items()}
    assert (f"{config.lr:.4g}", config.norm or "none") == (best["lr"], best["norm"])
    assert (config.steps, config.data, config.evaluate_on) == (20, "digits", "test")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mlp-nunpy", *OVER], "there is no experiment 'mlp-nunpy' (did you mean mlp-numpy?)"),
        (["mlp-numpy"], "say what to search over, such as --over lr=1e-4:1e-2:log"),
        (["mlp-numpy", "--over", "lr=3"], "'lr=3' is nothing to search over"),
        (["mlp-numpy", "--over", "lrr=1:3"], "there is no setting 'lrr' (did you mean lr?)"),
        (["mlp-numpy", *OVER, "--storage", "abacus://x"], "the storage abacus://x cannot be used"),
        (["mlp-numpy", *OVER, "--data", "nowhere"], "There is no data 'nowhere'"),
    ],
)
def test_a_wrong_command_gets_one_sentence(console: Console, arguments: list[str], message: str) -> None:
    code, out, err = console(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_without_optuna_one_sentence_says_how_to_get_it(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chainrule.cli.commands.sweep.find_spec", lambda name: None)
    assert console("mlp-numpy", *OVER) == (
        2,
        "",
        "a sweep needs Optuna, which is not installed: pip install 'chainrule[sweep]'\n",
    )


@pytest.mark.slow
def test_ctrl_c_exits_with_130_and_says_how_to_go_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chainrule", "sweep", "mlp-numpy", *OVER, *SMALL, "--set", "steps=1000000"]
    process = subprocess.Popen(
        [*command, "--runs", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("step"):
            break
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=600)
    assert process.returncode == 130
    assert err.startswith("stopped after step ")
    assert err.endswith("; the study is kept: go on with the same command\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_exit_code_says_which_signal_ended_a_sweep_between_two_runs(
    number: signal.Signals, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chainrule.train.sweeps.sweep.Sweep.run", lambda *_: signal.raise_signal(number))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background job ignores
    try:
        code, _, err = console("mlp-numpy", *OVER, *SMALL)
    finally:
        signal.signal(signal.SIGINT, before)
    assert code == 128 + number
    assert "go on with the same command" in err
