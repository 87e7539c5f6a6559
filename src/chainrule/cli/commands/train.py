"""`chainrule train`: run an experiment, or go on with a run."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli.terminal.files import resolve_folder
from chainrule.cli.terminal.output import align_columns, print_json
from chainrule.errors import UserError, escape_lines
from chainrule.experiments import EXPERIMENTS, find_experiment
from chainrule.experiments.experiment import NOT_COMPARED
from chainrule.train import Config

if TYPE_CHECKING:
    from chainrule.train.progress import Progress
    from chainrule.train.records.record import Record
    from chainrule.train.seeds import Group


EPILOG = (
    "\b\nExperiments:\n"
    + align_columns([(f"  {name}", make().meaning) for name, make in EXPERIMENTS.items()])
    + "\n\n\b\nSettings for --set:\n"
    + align_columns([(f"  {name}", meaning) for name, meaning in Config.describe_settings().items()])
)


def train(  # long by its options and its help alone
    experiment: Annotated[str | None, typer.Argument(help="What to train; the names are listed below.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of this run, or the first of several.")] = None,
    seeds: Annotated[
        int | None, typer.Option(min=1, max=1000, help="Train this many seeds, from 0 or --seed on.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting; may be repeated.")
    ] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="RUN", help='Go on with a run: its path, name, beginning of name, or "last".')
    ] = None,
    go_on: Annotated[
        bool, typer.Option("--continue", help="Go on with the newest run of these settings, if there is one.")
    ] = False,
    data: Annotated[
        str | None, typer.Option(help="cifar10, digits, text, or a folder of class folders of pictures.")
    ] = None,
    data_dir: Annotated[str | None, typer.Option(help="A folder that holds the CIFAR-10 files already.")] = None,
    runs: Annotated[Path | None, typer.Option(help="Where records are kept [default: CHAINRULE_RUNS or runs].")] = None,
    device: Annotated[str | None, typer.Option(help="For PyTorch: cpu, cuda or mps [default: the best].")] = None,
    log: Annotated[
        str | None, typer.Option(help="tensorboard: write its event files too, into the run's folder.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON; progress goes to stderr.")] = False,
) -> None:
    """Train an experiment with live progress, and record it.

    The record is a folder within `runs`: settings, versions, a line of metrics for each evaluation, checkpoint, trained
    weights, and the curves as a picture. At the end the accuracy stands beside the practical's published one.

    Ctrl-C finishes the step, writes a checkpoint and says how to go on. A run that was stopped, killed or ran out of
    disk goes on with --resume, to the same weights to the last bit.

    \b
    Examples:
      chainrule train mlp-numpy
      chainrule train mlp-numpy --seeds 5
      chainrule train mlp-numpy --set hidden=300-500-100 --set norm=batch --set lr=0.01
      chainrule train mlp-numpy --data digits --set steps=300
      chainrule train --resume last
      torchrun --nproc-per-node 2 -m chainrule train convnet-torch

    Under torchrun the processes share each batch equally among them, and process 0 writes the record. On a CPU batch
    normalisation then sees each process's part alone; all else is as with one process, within rounding. With
    --max-restarts torchrun starts the processes again where one was killed, and they go on with the run. Where a whole
    job is started again, as Slurm and Kubernetes do, --continue lets the command that began a run go on with it.

    Exits with 1 where the loss is no longer a finite number, and with 130 after Ctrl-C.
    """
    from chainrule.train.progress import make_progress
    from chainrule.train.ranks import find_rank, was_restarted
    from chainrule.train.records.folder import find_runs_folder

    progress = make_progress(sys.stderr if as_json else sys.stdout)
    folder = find_runs_folder(runs)
    if resume is not None:
        _refuse_beside_resume(experiment, seed, seeds, settings, data, data_dir, device, log, go_on or None)
        run = _resume(folder, resume, progress)
    elif experiment is None:
        raise UserError(f"say what to train: one of {', '.join(EXPERIMENTS)}, or --resume RUN")
    else:
        config = read_config(experiment, settings, seed=seed, data=data, data_dir=data_dir, device=device, log=log)
        run = _start(config, seed, seeds, folder, progress, go_on or was_restarted())
    if find_rank() == 0:
        _show(run, as_json)


def read_config(experiment: str, settings: Iterable[str] | None, **options: str | int | None) -> Config:
    """Return the config of an experiment with "name=value" settings and options applied, folders as full paths.

    Raises UserError where one of them is unknown or cannot be read.
    """
    folders = {name: resolve_folder(str(options[name])) for name in ("data", "data_dir") if options[name] is not None}
    given = [f"{name}={value}" for name, value in {**options, **folders}.items() if value is not None]
    return find_experiment(experiment).config.with_settings([*(settings or []), *given])


def _refuse_beside_resume(*given: object) -> None:
    if any(value is not None and value != [] for value in given):
        raise UserError("a run that is resumed keeps its settings: give --resume without experiment, seed or settings")


def _start(
    config: Config, seed: int | None, seeds: int | None, runs: Path, progress: Progress, go_on: bool
) -> Record | Group:
    from chainrule.train.ranks import require_one_process
    from chainrule.train.runs import start_run
    from chainrule.train.seeds import Group

    if seeds is None:
        return start_run(config, runs, progress, go_on=go_on)
    require_one_process("several seeds are trained")
    if go_on:
        raise UserError("--continue goes on with one run; several seeds go on with --resume and the group's path")
    first = seed or 0
    group = Group.create(runs, config, range(first, first + seeds))
    group.complete(progress)
    return group


def _resume(runs: Path, wanted: str, progress: Progress) -> Record | Group:
    from chainrule.train.ranks import find_rank
    from chainrule.train.records.folder import find_run
    from chainrule.train.runs import resume_run
    from chainrule.train.seeds import find_group

    if (group := find_group(runs, wanted)) is not None:
        group.complete(progress)
        return group
    record = find_run(runs, wanted)
    if record.state() == "finished" and find_rank() == 0:
        print(f"{escape_lines(record.name)} is finished: nothing is left to train", file=sys.stderr)
    resume_run(record, progress)
    return record


def _show(run: Record | Group, as_json: bool) -> None:
    """Draw the curves of finished runs; print their accuracy beside the published one, and where the records are."""
    from chainrule.report.curves import draw_curves
    from chainrule.train.records.record import Record

    records, place, curves = (
        ([run], run.folder, run.path("curves")) if isinstance(run, Record) else (run.records, run.path, run.curves)
    )
    draw_curves([record.folder for record in records], curves)
    outcome = {**_describe_outcome(records), "curves": str(curves), "record": str(place)}
    if as_json:
        print_json(outcome)
    else:
        print(_format_outcome(outcome))


def _describe_outcome(records: list[Record]) -> dict[str, Any]:
    """Return the final accuracies of finished runs of one experiment, and the figures that they stand beside."""
    from chainrule.train.seeds import summarise_figures

    config = records[0].config
    experiment = EXPERIMENTS[config.experiment]() if config.experiment in EXPERIMENTS else None
    changed = config.differences(experiment.config) if experiment else {}
    comparable = experiment is not None and config.data == "cifar10" and config.judged_on == "test"
    results = [record.result or {} for record in records]

    def summarise(part: str) -> dict[str, Any]:
        return summarise_figures([result[f"{part}_accuracy"] for result in results])

    return {
        "experiment": config.experiment,
        "evaluated_on": config.judged_on,
        "seeds": [record.config.seed for record in records],
        "accuracy": summarise(config.judged_on),
        "validation_accuracy": summarise("validation") if config.test_at_end else None,
        "published": experiment.published if experiment and comparable else None,
        "expected": experiment.expected if experiment and comparable else None,
        "changed": {name: value for name, value in changed.items() if name not in NOT_COMPARED},
        "results": results,
    }


def _format_outcome(outcome: dict[str, Any]) -> str:
    text = _format_accuracy(outcome["accuracy"])
    if outcome["published"] is not None:
        text += f"; published: {100 * outcome['published']:.2f} %"
    if outcome["expected"] is not None:
        text += f"; the course expects {100 * outcome['expected']:.0f} %"
    rows = [(f"{outcome['evaluated_on']} accuracy", text)]
    if outcome["validation_accuracy"] is not None:
        rows.append(("validation accuracy", _format_accuracy(outcome["validation_accuracy"])))
    if outcome["changed"]:
        rows.append(("settings changed", ", ".join(f"{name}={value}" for name, value in outcome["changed"].items())))
    rows += [("curves", outcome["curves"]), ("record", outcome["record"])]
    return align_columns(rows)


def _format_accuracy(accuracy: dict[str, Any]) -> str:
    text = f"{100 * accuracy['mean']:.2f} %"
    if accuracy["n"] == 1:
        return text
    return f"{text} ± {100 * accuracy['std']:.2f} % (mean and standard deviation of {accuracy['n']} seeds)"
