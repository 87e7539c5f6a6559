"""`chainrule report`: what is missing of the practical is run, and all of it written to one page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from chainrule.cli.terminal.files import require_writable, resolve_folder
from chainrule.errors import UserError


def report(  # long by its options and its help alone
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
    from chainrule.practical.assembly import Assembly
    from chainrule.report.page import write_report
    from chainrule.report.printing import print_pdf
    from chainrule.train.progress import make_progress
    from chainrule.train.records.folder import find_runs_folder

    require_writable(out, "the report")
    progress = make_progress(sys.stderr if as_json else sys.stdout)
    assembly = Assembly(out, find_runs_folder(runs), full, fresh, progress)
    if run:
        assembly.train_missing(resolve_folder(data_dir))
    command = "chainrule report" + " --full" * full + " --fresh" * fresh + " --no-run" * (not run)
    page = write_report(assembly.gather_material(command), out)
    written = [page, *([print_pdf(page)] if pdf else [])]
    if as_json:
        print((out / "results.json").read_text(encoding="utf-8"), end="")
    else:
        print("\n".join(f"wrote {path}" for path in written))
    if assembly.broken:
        raise UserError("left out of the report: " + "; ".join(assembly.broken))
