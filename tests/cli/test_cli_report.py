import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.cli import main
from chainrule.cli.commands import report as command
from chainrule.errors import UserError
from chainrule.experiments.comparisons import COMPARISONS
from chainrule.practical.rows import NETWORKS, ReportRow
from chainrule.report.printing import print_pdf

OPTIONS = {"data_dir": None, "fresh": True, "run": True, "pdf": False, "as_json": False}


def run_command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chainrule", "report", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **variables},
    )


def write_comparisons(runs: Path, quick: dict[str, bool], left_out: str) -> None:
    (runs / "comparisons").mkdir(parents=True)
    for name in COMPARISONS.keys() - {left_out}:
        content = {"text": ["So."], "quick": quick.get(name, False)}
        (runs / "comparisons" / f"{name}.json").write_text(json.dumps(content))


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_run(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_command("--out", str(tmp_path / "file" / "report"), "--runs", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "cannot be written" in done.stderr


def test_a_broken_record_is_told_in_one_sentence_and_the_report_is_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mlp-numpy-seed0"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "result.json").write_text("[")
    monkeypatch.setattr("chainrule.practical.assembly.SUBJECTS", ())
    arguments = ["--no-run", "--fresh", "--out", str(tmp_path / "report"), "--runs", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["chainrule", "report", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr().err
    assert (end.value.code, told.count("\n")) == (2, 1)
    assert "result.json is not readable JSON" in told
    assert (tmp_path / "report" / "index.html").is_file()


@pytest.mark.slow
def test_the_report_of_what_there_is_has_every_row_and_prints_it_for_programs(tmp_path: Path) -> None:
    out = tmp_path / "report"
    done = run_command("--no-run", "--fresh", "--json", "--out", str(out), "--runs", str(tmp_path / "runs"))
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row for row in json.loads(done.stdout)["rows"]}
    assert {"1.1a W", "1.1d", "3.2a X", "1.2", "2.1 default", "2.1 tuned", "2.2", "3.1", "3.2d", "4"} <= rows.keys()
    assert {row["mark"] for row in rows.values()} == {"proven", "not run"}
    assert rows["1.1c i"]["words"] == "derived and proven"
    judged = rows["1.1c i"]["published"]["judged"]
    assert (judged["ok"], judged["row"]) == (False, 2)
    assert judged["repair"] == "sum[j](dY[m,j] * Y[m,n] * (delta[n,j] - Y[m,j]))"
    assert rows["1.1a W"]["published"]["judged"]["ok"]
    assert rows["1.2"]["published"]["accuracy"] == 0.4886
    assert (out / "index.html").stat().st_size < 3_000_000


@pytest.mark.slow
def test_what_is_missing_is_trained_and_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ("data=digits", "hidden=5", "steps=6", "batch_size=50", "eval_every=3")
    row = ReportRow("1.2", NETWORKS, "an MLP on digits", experiment="mlp-numpy", settings=settings)
    monkeypatch.setattr("chainrule.practical.assembly.list_rows", lambda: [row])
    monkeypatch.setattr("chainrule.practical.assembly.SUBJECTS", ())
    compared: list[str] = []
    monkeypatch.setattr("chainrule.practical.assembly.list_missing", lambda *_: [])
    monkeypatch.setattr("chainrule.practical.assembly.make_comparison", lambda comparison, *_: comparison)
    monkeypatch.setattr("chainrule.practical.assembly.write_comparison", lambda made, out: compared.append(made.name))
    write_comparisons(tmp_path / "runs", quick={"norms": True}, left_out="depth")
    for full in (False, False, True):
        command.report(full, tmp_path / "report", tmp_path / "runs", **OPTIONS)
    assert compared == ["depth", "depth", "depth", "norms"]
    told = capsys.readouterr().out
    assert told.count("steps of 50") == 5
    assert "run 3 of 3" in told
    assert "run 2 of 2" in told
    results = json.loads((tmp_path / "report" / "results.json").read_text(encoding="utf-8"))
    assert [(line["id"], line["ours"]["n"], line["steps"]) for line in results["rows"]] == [("1.2", 5, [6, 6])]


def test_without_chromium_the_page_is_written_and_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(UserError, match=r"needs Chromium, which is not installed; .* is written"):
        print_pdf(tmp_path / "index.html")
