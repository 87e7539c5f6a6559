"""`chainrule runs`: what has been run, and how it ended."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli.terminal.output import align_columns, print_json
from chainrule.errors import UserError

if TYPE_CHECKING:
    from chainrule.train.records.record import Record


def runs(
    folder: Annotated[
        Path | None, typer.Option("--runs", help="Where records are kept [default: CHAINRULE_RUNS or runs].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the list for programs.")] = False,
) -> None:
    """List the runs: how far each came, its accuracy, its state.

    The oldest comes first. The accuracy is that of the last evaluation, on the part of the data that it names.

    \b
    States:
      finished     all steps are done, and the trained weights are in the record
      running      a process is training it now
      interrupted  it was stopped or killed; go on with: chainrule train --resume RUN
      diverged     its loss is no longer a finite number; it cannot go on

    A record that is damaged is left out and named, and the command exits with 2.

    \b
    Examples:
      chainrule runs
      chainrule runs --runs results --json
    """
    from chainrule.train.records.folder import find_runs_folder, list_runs

    place = find_runs_folder(folder)
    broken: list[UserError] = []
    described = [_describe(record) for record in list_runs(place, broken.append)]
    if as_json:
        print_json(described)
    else:
        print(_format(described) if described or broken else f"no runs in {place}")
    if broken:
        raise UserError("left out: " + "; ".join(map(str, broken)))


def _describe(record: Record) -> dict[str, Any]:
    measured = {**(record.metrics or [{}])[-1], **(record.result or {})}
    config = record.config
    part = config.judged_on if f"{config.judged_on}_accuracy" in measured else config.evaluate_on
    return {
        "name": record.name,
        "experiment": record.config.experiment,
        "seed": record.config.seed,
        "step": record.reached_step(),
        "steps": record.config.steps,
        "evaluated_on": part,
        "accuracy": measured.get(f"{part}_accuracy"),
        "state": record.state(),
        "folder": str(record.folder),
    }


def _format(described: list[dict[str, Any]]) -> str:
    titles = ("run", "experiment", "seed", "step", "accuracy", "state")
    rows = [
        (
            run["name"],
            run["experiment"],
            str(run["seed"]),
            f"{run['step']:,}/{run['steps']:,}",
            "" if run["accuracy"] is None else f"{100 * run['accuracy']:.2f} % {run['evaluated_on']}",
            run["state"],
        )
        for run in described
    ]
    return align_columns([titles, *rows])
