import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from chainrule.cli import main
from chainrule.experiments import comparisons
from chainrule.experiments.comparisons import Arm, Comparison
from chainrule.experiments.measurement import list_missing
from chainrule.train import Config, Record


def compared(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["chainrule", "compare", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two comparisons of a fraction of a second, on digits."""

    def config(**settings: object) -> Config:
        return Config(data="digits", steps=6, eval_every=3, batch_size=50, **settings)  # type: ignore[arg-type]

    def depth(quick: bool) -> Comparison:
        rules = {"Adam": {"optimizer": "adam"}, "SGD": {"lr": 1e30}}
        arms = [Arm(rule, "9", config(hidden=(9,), **changes)) for rule, changes in rules.items()]
        return Comparison("depth", "depths", tuple(arms), 2, quick)

    def saturation(quick: bool) -> Comparison:
        places = {"2": "standardised", "3": "unit", "2, pixels 0..255": "mean-image"}
        arms = [
            Arm(name, place, config(activation=name, hidden=(9,) * int(place[0]), inputs=inputs))
            for name in ("tanh", "elu")
            for place, inputs in places.items()
        ]
        return Comparison("saturation", "functions", tuple(arms), 1, quick, probed=True)

    monkeypatch.setattr(comparisons, "COMPARISONS", {"depth": depth, "saturation": saturation})


@pytest.mark.slow
def test_what_is_missing_is_trained_once_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ("--runs", str(tmp_path / "runs"), "--out", str(tmp_path / "out"))
    assert compared(monkeypatch, "saturation", "--quick", *places) == 0
    first = capsys.readouterr().out
    assert "run 6 of 6" in first
    assert "functions (quick: a fifth of the steps, one seed)" in first
    assert compared(monkeypatch, "saturation", "--quick", *places, "--no-run") == 0
    assert "run 1 of" not in capsys.readouterr().out
    measured = json.loads((tmp_path / "out" / "saturation.json").read_text(encoding="utf-8"))
    assert measured["quick"] is True
    assert measured["command"] == "chainrule compare saturation --quick"
    assert [len(arm["layers"]["end"]) for arm in measured["arms"]] == [2, 3, 2] * 2
    assert not list((tmp_path / "runs").rglob("checkpoint.safetensors"))


@pytest.mark.filterwarnings("ignore:overflow|invalid")
def test_a_run_that_diverges_counts_as_guessing_and_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared(monkeypatch, "depth", "--json", "--runs", str(tmp_path), "--out", str(tmp_path / "out")) == 0
    (written,) = json.loads(capsys.readouterr().out)
    adam, sgd = written["arms"]
    assert (adam["diverged"], sgd["diverged"]) == (0, 2)
    assert sgd["accuracy"]["mean"] == 0.1
    assert written["rows"][1][2] == "10.00 % (2 diverged)"


def test_the_folder_of_the_data_reaches_every_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert compared(monkeypatch, "depth", "--data-dir", "mine", "--runs", str(tmp_path), "--out", str(tmp_path)) == 2
    assert capsys.readouterr().err.startswith("A data folder (--data-dir) holds CIFAR-10")
    config = comparisons.COMPARISONS["depth"](True).list_runs()[0]
    record = Record.create(tmp_path, replace(config, data_dir=str(tmp_path / "mine")), {})
    line = {"step": config.steps, "train_loss": 2.0, "train_accuracy": 0.3, "test_loss": 2.0, "test_accuracy": 0.3}
    record.add_metrics(line)
    record.save_result({"state": "finished", **line})
    missing = list_missing(comparisons.COMPARISONS["depth"](True), tmp_path, str(tmp_path / "other"))
    assert len(missing) == 3
    assert {one.data_dir for one in missing} == {str(tmp_path / "other")}


def test_missing_runs_are_named_where_none_may_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compared(monkeypatch, "depth", "--no-run", "--runs", str(tmp_path), "--out", str(tmp_path)) == 2
    assert capsys.readouterr().err.startswith("4 of 4 runs of depth are missing in ")


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert compared(monkeypatch, "depth", "--runs", str(tmp_path), "--out", str(tmp_path / "file" / "out")) == 2
    said = capsys.readouterr()
    assert said.err.startswith("the comparison cannot be written to ")
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_an_unknown_name_is_bad_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert compared(monkeypatch, "widths") == 2
    assert "there is no comparison 'widths'; the comparisons are depth, saturation" in capsys.readouterr().err
