"""The numbers of a comparison: its missing runs are trained, and all of them read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.errors import UserError
from chainrule.experiments.comparisons import Arm, Comparison
from chainrule.experiments.execution import train_missing
from chainrule.train import Config, Record
from chainrule.train.probe import Layers, probe_run
from chainrule.train.progress import Progress
from chainrule.train.records.folder import list_runs
from chainrule.train.runs import load_dataset
from chainrule.train.seeds import summarise_figures

GUESSING = 0.1  # accuracy of a network that has learned nothing: one class of ten


def make_comparison(
    comparison: Comparison, folder: Path, run: bool, progress: Progress, data_dir: str | None = None
) -> dict[str, Any]:
    """Return the numbers of a comparison, from which figure and sentences are made; its records lie in `folder`.

    Missing runs are trained; without `run` they are a UserError. Raises Interrupted when stopped.
    """
    records = _complete(comparison, folder, run, progress, data_dir)
    probe = None
    if comparison.probed:
        dataset = load_dataset(replace(comparison.arms[0].config, data_dir=data_dir))

        def probe(record: Record) -> dict[str, Layers]:
            return probe_run(record, dataset)

    return {
        "name": comparison.name,
        "title": comparison.title + (" (quick: a fifth of the steps, one seed)" if comparison.quick else ""),
        "command": f"chainrule compare {comparison.name}" + " --quick" * comparison.quick,
        "quick": comparison.quick,
        "seeds": comparison.seeds,
        "machine": next(iter(records.values())).environment.get("machine"),
        "arms": [
            _measure_arm(arm, [records[config] for config in comparison.configs(arm)], probe) for arm in comparison.arms
        ],
    }


def list_missing(comparison: Comparison, folder: Path, data_dir: str | None = None) -> list[Config]:
    """Return the configs of the runs that `folder` has no record of; they find their data in `data_dir`."""
    there = _find_ended(folder)
    return [replace(config, data_dir=data_dir) for config in comparison.list_runs() if config not in there]


def _complete(
    comparison: Comparison, folder: Path, run: bool, progress: Progress, data_dir: str | None
) -> Mapping[Config, Record]:
    """Train what is missing; return the records by their configs."""
    wanted, missing = comparison.list_runs(), list_missing(comparison, folder, data_dir)
    if missing and not run:
        raise UserError(f"{len(missing)} of {len(wanted)} runs of {comparison.name} are missing in {folder}")
    train_missing({folder: missing}, list_runs(folder), progress)
    there = _find_ended(folder)
    for config in wanted:
        there[config].path("checkpoint").unlink(missing_ok=True)  # nothing is left to go on with
    return there


def _find_ended(folder: Path) -> dict[Config, Record]:
    """Return the records that have ended, whether finished or diverged, by their configs, wherever their data lay."""
    return {replace(record.config, data_dir=None): record for record in list_runs(folder) if record.result}


def _measure_arm(
    arm: Arm, records: Sequence[Record], probe: Callable[[Record], dict[str, Layers]] | None
) -> dict[str, Any]:
    """Return what an arm's runs come to; a run that diverged counts as guessing, and is reported."""
    curves = [[(line["step"], line["test_accuracy"]) for line in record.metrics] for record in records]
    diverged = [(record.result or {}).get("state") == "diverged" for record in records]
    last = [GUESSING if lost else curve[-1][1] for curve, lost in zip(curves, diverged, strict=True)]
    best = [max((accuracy for _, accuracy in curve), default=GUESSING) for curve in curves]
    measured = {
        "curve": arm.curve,
        "place": arm.place,
        "settings": arm.config.differences(Config()),
        "accuracy": summarise_figures(last),
        "best": summarise_figures(best),
        "diverged": sum(diverged),
        "curves": curves,
    }
    if probe is not None and not any(diverged):
        measured["layers"] = probe(records[0])
    return measured
