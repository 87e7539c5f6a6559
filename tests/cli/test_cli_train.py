import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.process import run

from chainrule import data
from chainrule.cli import main
from chainrule.train.records.folder import list_runs

SMALL = ["--data", "digits", "--set", "steps=20", "--set", "eval_every=10", "--set", "batch_size=50"]
TRAIN = [sys.executable, "-m", "chainrule", "train"]


class Console:
    """Runs commands in this process, with records in a folder of the test's own."""

    def __init__(self, runs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.runs, self._monkeypatch, self._capsys = runs, monkeypatch, capsys
        monkeypatch.setenv("CHAINRULE_RUNS", str(runs))

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["chainrule", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        captured = self._capsys.readouterr()
        return int(end.value.code or 0), captured.out, captured.err


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(tmp_path / "runs", monkeypatch, capsys)


def test_training_prints_lines_then_accuracy_curves_and_record(console: Console) -> None:
    code, out, err = console("train", "mlp-numpy", *SMALL, "--seed", "7")
    assert (code, err) == (0, "")
    (record,) = list_runs(console.runs)
    assert record.config.seed == 7
    start, first, second, accuracy, changed, curves, place = out.splitlines()
    assert start == f"{record.name}: 20 steps of 50"
    assert re.match(r"step 10/20  train loss \d\.\d{4} accuracy +\d+\.\d\d%  test loss \d\.\d{4} accuracy ", first)
    assert second.startswith("step 20/20")
    assert re.fullmatch(r"test accuracy +\d+\.\d\d %", accuracy)
    assert "steps=20" in changed
    assert curves.split() == ["curves", str(record.path("curves"))]
    assert place.split() == ["record", str(record.folder)]
    assert record.path("curves").read_bytes().startswith(b"\x89PNG")


def test_json_is_all_of_stdout(console: Console) -> None:
    code, out, err = console("train", "mlp-numpy", *SMALL, "--json")
    assert code == 0
    (record,) = list_runs(console.runs)
    outcome = json.loads(out)
    assert outcome["record"] == str(record.folder)
    assert outcome["accuracy"]["mean"] == (record.result or {})["test_accuracy"]
    assert outcome["published"] is None  # the published figure is CIFAR-10's
    assert "step 10/20" in err


def test_log_writes_tensorboards_event_file_beside_the_metrics(console: Console) -> None:
    pytest.importorskip("tensorboard")
    assert console("train", "mlp-numpy", *SMALL, "--log", "tensorboard")[0] == 0
    (record,) = list_runs(console.runs)
    assert len(list(record.folder.glob("events.out.tfevents.*"))) == 1


def test_several_seeds_end_in_mean_and_deviation(console: Console) -> None:
    code, out, _ = console("train", "mlp-numpy", *SMALL, "--seeds", "3", "--seed", "4")
    assert code == 0
    assert [record.config.seed for record in list_runs(console.runs)] == [4, 5, 6]
    assert re.search(r"\d+\.\d\d % ± \d+\.\d\d % \(mean and standard deviation of 3 seeds\)", out)
    (group,) = console.runs.glob("mlp-numpy-seeds4-6-*.json")
    assert group.with_suffix(".png").exists()
    assert str(group) in out


def test_a_test_set_opened_at_the_end_stands_beside_the_validation_split(console: Console) -> None:
    settings = ("--set", "evaluate_on=validation", "--set", "test_at_end=true")
    code, out, _ = console("train", "mlp-numpy", *SMALL, *settings, "--seeds", "2")
    assert code == 0
    assert re.search(r"^test accuracy +\d+\.\d\d % ± .* of 2 seeds\)$", out, re.MULTILINE)
    assert re.search(r"^validation accuracy +\d+\.\d\d % ± .* of 2 seeds\)$", out, re.MULTILINE)
    (group,) = console.runs.glob("mlp-numpy-seeds0-1-*.json")
    assert json.loads(group.read_text())["summary"].keys() >= {"test_accuracy", "validation_accuracy"}


def test_one_seed_counts_from_zero(console: Console) -> None:
    assert console("train", "mlp-numpy", *SMALL, "--seeds", "1")[0] == 0
    assert [record.config.seed for record in list_runs(console.runs)] == [0]


def test_resuming_a_finished_run_says_so(console: Console) -> None:
    console("train", "mlp-numpy", *SMALL)
    code, out, err = console("train", "--resume", "last")
    assert code == 0
    assert "is finished: nothing is left to train" in err
    assert out.startswith("test accuracy")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train"], "say what to train: one of mlp-numpy, mlp-torch, mlp-tuned, mlp-torch-as-run,"),
        (["train", "mlp"], "there is no experiment 'mlp'"),
        (["train", "--resume", "last"], "there is no run 'last' in "),
        (["train", "--resume", "last", "--set", "lr=1"], "a run that is resumed keeps its settings"),
        (["train", "mlp-numpy", "--resume", "last"], "a run that is resumed keeps its settings"),
        (["train", "mlp-numpy", "--device", "cuda"], "device=cuda has an effect only with backend=torch"),
        (["train", "mlp-numpy", "--data", "cifar11"], "There is no data 'cifar11'"),
    ],
)
def test_a_wrong_command_gets_one_sentence(console: Console, arguments: list[str], message: str) -> None:
    code, out, err = console(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_a_run_that_diverges_exits_with_1_and_one_sentence(console: Console) -> None:
    code, out, err = console("train", "mlp-numpy", *SMALL, "--set", "lr=1e30")
    assert code == 1
    assert re.fullmatch(r"the (test )?loss became (nan|inf) (at|after) step \d+; .*\n", err)
    assert "accuracy  " not in out.splitlines()[-1]
    assert list_runs(console.runs)[0].state() == "diverged"


def test_ctrl_c_exits_with_130_and_says_how_to_go_on(tmp_path: Path) -> None:
    command = [*TRAIN, "mlp-numpy", "--runs", str(tmp_path), "--data", "digits", "--set", "steps=1000000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("step"):
            break
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=600)
    (record,) = list_runs(tmp_path)
    assert process.returncode == 130
    assert re.fullmatch(
        rf"stopped after step [\d,]+; go on with: chainrule train --resume {re.escape(str(record.folder))}\n", err
    )
    assert record.state() == "interrupted"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")
def test_a_terminal_shows_live_progress(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "160"}
    command = [*TRAIN, "mlp-numpy", "--runs", str(tmp_path), *SMALL, "--set", "steps=4000", "--set", "eval_every=1000"]
    process = subprocess.Popen(command, stdout=theirs, stderr=subprocess.PIPE, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
    os.close(ours)
    assert process.communicate(timeout=600)[1] == b""
    assert process.returncode == 0
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert re.search(r"step [\d,]+/4,000 .*loss \d\.\d{4}  train \d+\.\d%  test \d+\.\d%  [\d,]+ samples/s.*left", text)
    assert "test accuracy" in text


@pytest.mark.cifar10
@pytest.mark.slow
def test_row_1_2_reaches_its_accuracy_on_cifar10_in_450_megabytes(tmp_path: Path) -> None:
    data.load("cifar10")  # here, since npm, where it has to fetch, takes more memory than the training
    process = run("train", "mlp-numpy", "--runs", str(tmp_path), "--json")
    outcome = json.loads(process.output)
    assert outcome["accuracy"]["mean"] >= 0.47
    assert outcome["published"] == 0.4886
    assert outcome["changed"] == {}
    assert process.peak_megabytes <= 450
