import json
import sys
from pathlib import Path

import pytest

from chainrule.cli import main
from chainrule.train.config import Config
from chainrule.train.records.checkpoint import Checkpoint
from chainrule.train.records.record import Record


def listed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["chainrule", "runs", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    return capsys.readouterr().out


def measured(step: int, accuracy: float, part: str = "test") -> dict[str, float]:
    """A line of metrics as runs write them."""
    train = {"step": step, "train_loss": 1.5, "train_accuracy": 0.5}
    return {**train, f"{part}_loss": 1.5, f"{part}_accuracy": accuracy}


@pytest.fixture
def records(tmp_path: Path) -> dict[str, Record]:
    """A run in each state."""
    made = {
        state: Record.create(tmp_path, Config(experiment=state), {})
        for state in ("finished", "diverged", "interrupted", "running")
    }
    made["finished"].add_metrics(measured(1400, 0.5))
    made["finished"].save_result({"state": "finished", **measured(1400, 0.5)})
    made["diverged"].save_result({"state": "diverged", "step": 3, "reason": "the loss became nan"})
    made["interrupted"].add_metrics(measured(100, 0.25))
    made["interrupted"].save_checkpoint(Checkpoint({}, {"step": 123}))
    return made


def test_runs_are_listed_with_step_accuracy_and_state(
    records: dict[str, Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with records["running"].lock():
        out = listed(monkeypatch, capsys, "--runs", str(tmp_path))
    rows = [line.split() for line in out.splitlines()]
    assert rows[0] == ["run", "experiment", "seed", "step", "accuracy", "state"]
    assert rows[1] == [records["finished"].name, "finished", "42", "1,400/1,400", "50.00", "%", "test", "finished"]
    assert rows[2] == [records["diverged"].name, "diverged", "42", "3/1,400", "diverged"]
    assert rows[3][3:] == ["123/1,400", "25.00", "%", "test", "interrupted"]
    assert rows[4][3:] == ["0/1,400", "running"]


def test_a_run_that_opened_the_test_set_at_its_end_is_listed_with_that_accuracy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = Record.create(tmp_path, Config(evaluate_on="validation", test_at_end=True), {})
    record.add_metrics(measured(1400, 0.75, "validation"))
    assert "75.00 % validation" in listed(monkeypatch, capsys, "--runs", str(tmp_path))
    record.save_result(
        {"state": "finished", **measured(1400, 0.75, "validation"), "test_accuracy": 0.5, "test_loss": 2.0}
    )
    assert "50.00 % test" in listed(monkeypatch, capsys, "--runs", str(tmp_path))


@pytest.mark.usefixtures("records")
def test_json_lists_the_same_for_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = json.loads(listed(monkeypatch, capsys, "--runs", str(tmp_path), "--json"))
    assert [run["state"] for run in runs] == ["finished", "diverged", "interrupted", "interrupted"]
    assert [run["accuracy"] for run in runs] == [0.5, None, 0.25, None]


def test_no_runs_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(monkeypatch, capsys, "--runs", str(tmp_path)) == f"no runs in {tmp_path}\n"
    assert listed(monkeypatch, capsys, "--runs", str(tmp_path), "--json") == "[]\n"
