"""`chainrule compare`: what the practical argues in words, measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli.terminal.files import require_writable, resolve_folder
from chainrule.cli.terminal.output import align_columns, print_json
from chainrule.experiments.comparisons import COMPARISONS, find_comparison

EPILOG = "\b\nComparisons:\n" + align_columns(
    [(f"  {name}", " ".join(str(make.__doc__).split()).partition(". The ")[0]) for name, make in COMPARISONS.items()]
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
    from chainrule.train.progress import make_progress
    from chainrule.train.records.folder import find_runs_folder

    progress = make_progress(sys.stderr if as_json else sys.stdout)
    folder = find_runs_folder(runs) / "comparisons"
    comparisons = [find_comparison(name, quick) for name in names or COMPARISONS]
    require_writable(out, "the comparison")
    contents = []
    for comparison in comparisons:
        made = make_comparison(comparison, folder, run, progress, resolve_folder(data_dir))
        contents.append(write_comparison(made, out))
        if not as_json:
            print(_format(contents[-1], out))
    if as_json:
        print_json(contents)


def _format(content: dict[str, Any], out: Path) -> str:
    """Return table, sentences and places of the files."""
    table = align_columns([content["columns"], *content["rows"]])
    files = ", ".join(str(out / f"{content['name']}.{kind}") for kind in ("json", "png", "svg"))
    return "\n".join([content["title"], "", table, "", *content["text"], "", f"wrote {files}"])
