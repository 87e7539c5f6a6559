"""`chainrule sweep`: search for the settings of an experiment."""

from __future__ import annotations

import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from chainrule.cli.commands.train import read_config
from chainrule.cli.terminal.output import align_columns, print_json
from chainrule.errors import UserError
from chainrule.experiments import find_experiment

if TYPE_CHECKING:
    from chainrule.train.sweeps.sweep import Sweep


def sweep(  # long by its options and its help alone
    experiment: Annotated[str, typer.Argument(help="Whose settings to search: a name that `chainrule train` knows.")],
    over: Annotated[
        list[str] | None, typer.Option("--over", metavar="KEY=RANGE", help="A setting to search; may be repeated.")
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="Go on until the study has so many finished trials.")] = 20,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="A setting for all trials; may be repeated.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="cifar10, digits, or a folder of class folders of pictures.")] = None,
    data_dir: Annotated[str | None, typer.Option(help="A folder that holds the CIFAR-10 files already.")] = None,
    storage: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where Optuna keeps the study [default: SQLite, in RUNS/sweeps.db]."),
    ] = None,
    study: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the study [default: the experiment's].")
    ] = None,
    prune: Annotated[bool, typer.Option(help="Give up trials that are hopeless.")] = True,
    runs: Annotated[
        Path | None, typer.Option(help="Where pictures and unfinished trials go [default: CHAINRULE_RUNS or runs].")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON; progress goes to stderr.")] = False,
) -> None:
    """Search for settings with Optuna, on the validation split.

    Each trial trains on all training images but the last 5,000 and is judged by its accuracy on those; the test set
    stays closed. A range is LOW:HIGH, LOW:HIGH:log, or values with commas between them; `chainrule train --help` lists
    the settings. Optuna (TPE) chooses each trial's values by those before it. After the first five, a trial whose
    accuracy, from a quarter of its steps on, is below the median of the others at that step is given up.

    The study is kept: the same command goes on after Ctrl-C or kill -9, and takes up the trial that was under way
    from its checkpoint. To go on to more trials give a larger --trials.

    Many workers can share a study: run the same command in several terminals, or on many machines with the same
    --storage, such as postgresql://user@host/name. Where one is killed the others take up its trial: on its own machine
    at once, on others two minutes later. Each ends when all trials have.

    At the end stand the best settings as a command, and two pictures, PNG and SVG: the history of the trials, and how
    much each setting matters.

    \b
    Examples:
      chainrule sweep mlp-tuned --over lr=1e-5:1e-2:log --over dropout=0:0.5
      chainrule sweep mlp-tuned --over hidden=300-500-100,512-256 --over activation=gelu,relu --set steps=1000
      chainrule sweep mlp-numpy --data digits --over lr=1e-4:1e-1:log --set steps=200 --trials 10

    Needs Optuna: pip install 'chainrule[sweep]', or 'chainrule[postgresql]'. Exits with 130 after Ctrl-C.
    """
    if find_spec("optuna") is None:
        raise UserError("a sweep needs Optuna, which is not installed: pip install 'chainrule[sweep]'")
    from chainrule.report.study import draw_study
    from chainrule.train.records.folder import find_runs_folder
    from chainrule.train.sweeps.search_space import parse_space
    from chainrule.train.sweeps.storage import hide_password
    from chainrule.train.sweeps.sweep import Sweep

    folder = find_runs_folder(runs)
    config = read_config(experiment, settings, data=data, data_dir=data_dir)
    space = parse_space(over or [], config)
    place = storage or f"sqlite:///{folder / 'sweeps.db'}"
    searched = Sweep.open(config, space, study or experiment, place, folder, prune)
    _run(searched, trials, sys.stderr if as_json else sys.stdout)
    outcome = {
        **_describe_outcome(searched, experiment),
        "pictures": [str(path) for path in draw_study(searched.study, folder, config.steps)],
        "storage": hide_password(place),
    }
    if as_json:
        print_json(outcome)
    else:
        print(_format_outcome(outcome))


def _run(searched: Sweep, trials: int, stream: TextIO) -> None:
    """Go on with a study, telling of it on a stream. Raises Interrupted where the person stops it."""
    from chainrule.train.interruption import Interrupted
    from chainrule.train.progress import make_progress

    try:
        searched.run(trials, make_progress(stream), lambda text: print(text, file=stream, flush=True))
    except (Interrupted, KeyboardInterrupt) as stopped:
        what, number = getattr(stopped, "what", "stopped"), getattr(stopped, "number", signal.SIGINT)
        raise Interrupted(f"{what}; the study is kept: go on with the same command", what, number) from None


def _describe_outcome(searched: Sweep, experiment: str) -> dict[str, Any]:
    from chainrule.train.sweeps.sweep import TrialState

    outcome: dict[str, Any] = {
        "study": searched.study.study_name,
        "trials": searched.count(TrialState.COMPLETE),
        "given_up": searched.count(TrialState.PRUNED),
        "best": searched.best,
        "command": None,
    }
    if outcome["best"]:
        outcome["command"] = _write_command(searched, experiment)
    return outcome


def _write_command(searched: Sweep, experiment: str) -> str:
    """Return the command that trains with the best settings, as the experiment itself is judged."""
    best = searched.best or {}
    config = searched.config.with_settings([f"{name}={value}" for name, value in best["settings"].items()])
    changes = config.differences(find_experiment(experiment).config)
    settings = [
        f"--set {name}={value}" for name, value in changes.items() if name not in ("evaluate_on", "test_at_end")
    ]
    return " ".join(["chainrule train", experiment, *settings])


def _format_outcome(outcome: dict[str, Any]) -> str:
    best = outcome["best"]
    rows = [("study", f"{outcome['study']}, in {outcome['storage']}")]
    rows.append(("trials", f"{outcome['trials']} trained to their end, {outcome['given_up']} given up"))
    if best:
        rows.append(("best", f"{best['validation_accuracy']:.2%} on the validation split, trial {best['trial']}"))
        rows.append(("train it with", outcome["command"]))
    rows += [("picture", path) for path in outcome["pictures"]]
    return align_columns(rows)
