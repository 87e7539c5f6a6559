"""`chainrule compare`: what the practical argues in words, measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.errors import UserError
from chainrule.experiments.comparisons import COMPARISONS, find_comparison

if TYPE_CHECKING:
    from chainrule.data import Dataset
    from chainrule.experiments.comparisons import Arm, Comparison
    from chainrule.train.progress import Progress
    from chainrule.train.record import Record

EPILOG = "\b\nComparisons:\n" + "\n".join(
    f"  {name:14} {' '.join(str(make.__doc__).split()).partition('. The ')[0]}" for name, make in COMPARISONS.items()
)


def compare(
    names: Annotated[list[str] | None, typer.Argument(help="What to compare; the names are below.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A fifth of the steps, one seed; marked so.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the figures and the numbers.")] = Path("report/comparisons"),
    runs: Annotated[Path | None, typer.Option(help="Where records are kept [default: CHAINRULE_RUNS or runs].")] = None,
    run: Annotated[bool, typer.Option("--run/--no-run", help="Train what is missing, or refuse.")] = True,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the numbers as JSON; progress goes to stderr.")
    ] = False,
) -> None:
    """Train what a comparison needs, draw it, and say what it shows.

    Writes NAME.json (the numbers, and two sentences made of them), NAME.png and NAME.svg. Without names, all
    comparisons are made. Records are kept in a folder `comparisons` within the runs folder; those that are there are
    not run again, and one that was stopped goes on.

    \b
    Examples:
      chainrule compare norms --quick
      chainrule compare depth saturation
      chainrule compare --out results/comparisons
    """
    from chainrule.report.compared import write_comparison
    from chainrule.train.listing import find_runs_folder
    from chainrule.train.progress import make_progress

    progress = make_progress(sys.stderr if as_json else sys.stdout)
    folder = find_runs_folder(runs) / "comparisons"
    comparisons = [find_comparison(name, quick) for name in names or COMPARISONS]
    contents = []
    for comparison in comparisons:
        records = _complete(comparison, folder, run, progress)
        command = f"chainrule compare {comparison.name}" + " --quick" * quick
        content = write_comparison(_measure(comparison, records, command), out)
        contents.append(content)
        if not as_json:
            print(_format(content, out))
    if as_json:
        print(json.dumps(contents, indent=2, ensure_ascii=False))


def _complete(comparison: Comparison, folder: Path, run: bool, progress: Progress) -> dict[Any, Record]:
    """Train what is missing; return the finished records by their configs."""
    from chainrule.experiments.execution import train_missing
    from chainrule.train.interruption import Interrupted
    from chainrule.train.listing import list_runs

    wanted = comparison.list_runs()
    missing = [config for config in wanted if config not in _find_finished(folder)]
    if missing and not run:
        raise UserError(f"{len(missing)} of {len(wanted)} runs of {comparison.name} are missing in {folder}")
    try:
        train_missing(missing, folder, list_runs(folder), progress)
    except Interrupted as stopped:
        print(stopped, file=sys.stderr)
        raise typer.Exit(128 + stopped.number) from None
    found = _find_finished(folder)
    for config in wanted:
        found[config].path("checkpoint").unlink(missing_ok=True)  # nothing is left to go on with
    return {config: found[config] for config in wanted}


def _find_finished(folder: Path) -> dict[Any, Record]:
    """Return the records that have ended, whether finished or diverged, by their configs."""
    from chainrule.train.listing import list_runs

    return {record.config: record for record in list_runs(folder) if record.result}


def _measure(comparison: Comparison, records: dict[Any, Record], command: str) -> dict[str, Any]:
    """Return the numbers of a comparison, from which figure and sentences are made."""
    from chainrule.train.running import load_dataset

    dataset = load_dataset(comparison.arms[0].config) if comparison.probed else None
    return {
        "name": comparison.name,
        "title": comparison.title + (" (quick: a fifth of the steps, one seed)" if comparison.quick else ""),
        "command": command,
        "quick": comparison.quick,
        "seeds": comparison.seeds,
        "machine": next(iter(records.values())).environment.get("machine"),
        "arms": [
            _measure_arm(arm, dataset, [records[config] for config in comparison.configs(arm)])
            for arm in comparison.arms
        ],
    }


def _measure_arm(arm: Arm, dataset: Dataset | None, records: list[Record]) -> dict[str, Any]:
    """Return what an arm's runs come to; a run that diverged counts as guessing, and is told of."""
    from chainrule.train.group import summarise_figures
    from chainrule.train.probe import probe_run

    metrics = [record.metrics for record in records]
    diverged = [record for record in records if (record.result or {}).get("state") == "diverged"]
    last = [
        0.1 if record in diverged else lines[-1]["test_accuracy"]
        for record, lines in zip(records, metrics, strict=True)
    ]
    curves = [[[line["step"], line["test_accuracy"]] for line in lines] for lines in metrics]
    measured = {
        "curve": arm.curve,
        "place": arm.place,
        "settings": arm.config.differences(type(arm.config)()),
        "accuracy": summarise_figures(last),
        "best": summarise_figures([max((line["test_accuracy"] for line in lines), default=0.1) for lines in metrics]),
        "diverged": len(diverged),
        "curves": curves,
    }
    if dataset is not None and not diverged:
        measured["layers"] = probe_run(records[0], dataset)
    return measured


def _format(content: dict[str, Any], out: Path) -> str:
    """Return table, sentences and places of the files."""
    rows = [content["columns"], *content["rows"]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    files = ", ".join(str(out / f"{content['name']}.{kind}") for kind in ("json", "png", "svg"))
    return "\n".join([content["title"], "", *table, "", *content["text"], "", f"wrote {files}"])
