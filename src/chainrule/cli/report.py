"""`chainrule report`: what is missing of the practical is run, and all of it written to one page."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli.folders import require_writable
from chainrule.errors import UserError

if TYPE_CHECKING:
    from chainrule.experiments.comparisons import Comparison
    from chainrule.practical.plan import Trained
    from chainrule.practical.rows import Row
    from chainrule.report.table import Wanted
    from chainrule.train.progress import Progress


def report(
    full: Annotated[bool, typer.Option("--full/--quick", help="Everything at published settings, or minutes.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the page, the figures and results.json.")] = Path("report"),
    runs: Annotated[Path | None, typer.Option(help="Where records are kept [default: CHAINRULE_RUNS or runs].")] = None,
    data_dir: Annotated[str | None, typer.Option(help="A folder that holds the CIFAR-10 files already.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Use no record or measurement that came with the source, under results/.")
    ] = False,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Train what is missing, or write what there is.")] = True,
    pdf: Annotated[bool, typer.Option("--pdf", help="Print the page to report.pdf too, by Chromium.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print results.json too; progress goes to stderr.")] = False,
) -> None:
    """Run what is missing of the practical, and write the report.

    Writes index.html, one file that needs no network: every row of the practical beside its published figure, the
    curves, the comparisons, the derivations with what is wrong in the published ones, the layer norms, and how all of
    it was run. Beside it are results.json and the figures as PNG and SVG.

    Records in the runs folder, and those that came with the source under results/, are used, not run again. --quick,
    the default, trains the rest at published settings where that takes a minute (three seeds of the cheap ones, else
    one) and shortened where it does not, which the page says; --full trains five seeds of everything, three of the
    CNN. Ctrl-C or a killed process loses nothing: the same command goes on. The time left is measured as it runs.

    \b
    Examples:
      chainrule report
      chainrule report --fresh --runs /tmp/runs
      chainrule report --full --pdf
      chainrule report --no-run --json
    """
    from chainrule import __version__
    from chainrule.experiments.measurement import make_comparison
    from chainrule.practical.plan import plan_row
    from chainrule.practical.rows import list_rows
    from chainrule.report.compared import write_comparison
    from chainrule.report.page import Material, write_report
    from chainrule.report.printing import print_pdf
    from chainrule.train import Interrupted
    from chainrule.train.progress import make_progress
    from chainrule.train.records.folder import find_runs_folder, list_runs

    progress = make_progress(sys.stderr if as_json else sys.stdout)
    require_writable(out, "the report")
    folder = find_runs_folder(runs)
    places = [out, folder] if fresh else [out, folder, *_find_results()]
    rows = list_rows()

    def plan() -> list[Trained]:
        records = [record for place in reversed(places) for record in list_runs(place)]
        return [plan_row(row, records, full) for row in rows if row.experiment]

    if run:
        try:
            place = (
                str(Path(data_dir).expanduser().resolve()) if data_dir else None
            )  # a run may be resumed from elsewhere
            comparisons = _list_comparisons(full, places)
            _train(plan(), comparisons, folder, places, place, progress)
            for comparison in comparisons:
                progress.note(f"comparing: {comparison.name}")
                made = make_comparison(comparison, folder / "comparisons", True, progress, place)
                write_comparison(made, out / "comparisons")
        except Interrupted as stopped:
            print(stopped, file=sys.stderr)
            raise typer.Exit(128 + stopped.number) from None
    progress.note("judging the published derivations")
    judged = _judge()
    trained = {part.row.id: part for part in plan()}
    wanted = [_describe(row, trained, judged, places) for row in rows]
    command = "chainrule report" + " --full" * full + " --fresh" * fresh + " --no-run" * (not run)
    page = write_report(Material(wanted, judged, places, command, "full" if full else "quick", __version__), out)
    written = [page, *([print_pdf(page)] if pdf else [])]
    if as_json:
        print((out / "results.json").read_text(encoding="utf-8"), end="")
    else:
        print("\n".join(f"wrote {path}" for path in written))


def _find_results() -> list[Path]:
    """Return the records and measurements that came with the source, where there is any."""
    results = Path(__file__).resolve().parents[3] / "results"
    return [results] if results.is_dir() else []


def _list_comparisons(full: bool, places: Sequence[Path]) -> list[Comparison]:
    """Return the comparisons that have not been made, or, for a full report, were made quickly."""
    from chainrule.experiments.comparisons import COMPARISONS, find_comparison

    left = []
    for name in COMPARISONS:
        found = (_read_json(place / "comparisons" / f"{name}.json") for place in places)
        made = next(filter(None, found), {})
        if not made or (full and made.get("quick")):
            left.append(find_comparison(name, quick=not full))
    return left


def _train(
    plan: Sequence[Trained],
    comparisons: Sequence[Comparison],
    runs: Path,
    places: Sequence[Path],
    data_dir: str | None,
    progress: Progress,
) -> None:
    """Train what is missing of rows and comparisons. Raises Interrupted where the person stops it."""
    from dataclasses import replace
    from importlib.util import find_spec

    from chainrule.experiments.execution import train_missing
    from chainrule.experiments.measurement import list_missing
    from chainrule.train.records.folder import list_runs

    missing = [replace(config, data_dir=data_dir) for trained in plan for config in trained.missing]
    if find_spec("torch") is None and (
        left_out := {config.experiment for config in missing if config.backend == "torch"}
    ):
        progress.note(f"{', '.join(sorted(left_out))}: not run without PyTorch: pip install 'chainrule[torch]'")
        missing = [config for config in missing if config.backend != "torch"]
    folder = runs / "comparisons"
    lists = [list_missing(comparison, folder, data_dir) for comparison in comparisons]
    compared = list(dict.fromkeys(config for configs in lists for config in configs))
    records = [record for place in (*places, folder) for record in list_runs(place)]
    train_missing({runs: missing, folder: compared}, records, progress)


def _judge() -> list[dict[str, Any]]:
    from chainrule.practical.published import SUBJECTS, judge_subject

    return [judge_subject(subject) for subject in SUBJECTS]


def _describe(
    row: Row, trained: Mapping[str, Trained], judged: Sequence[Mapping[str, Any]], places: Sequence[Path]
) -> Wanted:
    """Return a row with its published figures and what of ours stands beside it."""
    from chainrule.experiments import find_experiment
    from chainrule.practical.plan import count_seeds
    from chainrule.report.table import Wanted

    if not row.experiment:
        answer = _answer_derivation(row, judged) or _answer_file(row, places)
        return Wanted(row.id, row.group, row.meaning, row.command, row.published, answer=answer)
    experiment = find_experiment(row.experiment)
    return Wanted(
        row.id,
        row.group,
        row.meaning,
        row.command,
        row.published,
        published=experiment.published,
        expected=experiment.expected,
        settings=row.config.differences(experiment.config),
        steps=row.config.steps,
        seeds=count_seeds(row.config),
        folders=tuple(record.folder for record in trained[row.id].records),
    )


def _answer_derivation(row: Row, judged: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    for subject in judged:
        if row.derivation == subject["name"] and not subject["derivations"]:
            return "proven", "derived and proven"
        for derivation in subject["derivations"]:
            if derivation["name"] == row.derivation:
                told = (
                    "the published one follows"
                    if derivation["ok"]
                    else f"the published one fails in line {derivation['line']}"
                )
                return "proven", f"derived and proven; {told}"
    return None


def _answer_file(row: Row, places: Sequence[Path]) -> tuple[str, str] | None:
    """Answer a row from the comparison or the measurement that it names, where that has been made."""
    for place in places:
        if content := _read_json(place / "comparisons" / f"{row.comparison}.json"):
            return "shortened" if content.get("quick") else "shown", " ".join(content["text"][:1])
        if content := _read_json(place / "benchmarks" / f"{row.benchmark}.json"):
            figures = [line["figure"] for line in content["rows"] if line["what"].startswith(row.measured)]
            return ("shown", figures[0]) if figures else None
    return None


def _read_json(path: Path) -> dict[str, Any]:
    """Return what a file holds; nothing where there is none."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise UserError(f"{path} is broken ({error}); remove it") from None
