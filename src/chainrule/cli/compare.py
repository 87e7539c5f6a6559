"""`chainrule compare`: what the practical argues in words, measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli.folders import require_writable
from chainrule.experiments.comparisons import COMPARISONS, find_comparison

EPILOG = "\b\nComparisons:\n" + "\n".join(
    f"  {name:14} {' '.join(str(make.__doc__).split()).partition('. The ')[0]}" for name, make in COMPARISONS.items()
)


def compare(
    names: Annotated[list[str] | None, typer.Argument(help="What to compare; the names are below.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A fifth of the steps, one seed; marked so.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the figures and the numbers.")] = Path("report/comparisons"),
    runs: Annotated[Path | None, typer.Option(help="Where records are kept [default: CHAINRULE_RUNS or runs].")] = None,
    data_dir: Annotated[str | None, typer.Option(help="A folder that holds the CIFAR-10 files already.")] = None,
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
    from chainrule.experiments.measurement import make_comparison
    from chainrule.report.compared import write_comparison
    from chainrule.train import Interrupted
    from chainrule.train.progress import make_progress
    from chainrule.train.records.folder import find_runs_folder

    progress = make_progress(sys.stderr if as_json else sys.stdout)
    folder = find_runs_folder(runs) / "comparisons"
    comparisons = [find_comparison(name, quick) for name in names or COMPARISONS]
    require_writable(out, "the comparison")
    place = str(Path(data_dir).expanduser().resolve()) if data_dir else None  # a run may be resumed from elsewhere
    contents = []
    for comparison in comparisons:
        try:
            content = write_comparison(make_comparison(comparison, folder, run, progress, place), out)
        except Interrupted as stopped:
            print(stopped, file=sys.stderr)
            raise typer.Exit(128 + stopped.number) from None
        contents.append(content)
        if not as_json:
            print(_format(content, out))
    if as_json:
        print(json.dumps(contents, indent=2, ensure_ascii=False))


def _format(content: dict[str, Any], out: Path) -> str:
    """Return table, sentences and places of the files."""
    rows = [content["columns"], *content["rows"]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    table = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    files = ", ".join(str(out / f"{content['name']}.{kind}") for kind in ("json", "png", "svg"))
    return "\n".join([content["title"], "", *table, "", *content["text"], "", f"wrote {files}"])
