"""The missing runs of a plan, trained one after the other, with the time that is left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from chainrule.train import Config, Diverged, Interrupted, Record, resume_run, start_run
from chainrule.train.progress import Progress, ProgressRelay

SILENCE = 30.0  # seconds of a run after which the time left is said again


def train_missing(missing: Mapping[Path, Sequence[Config]], records: Iterable[Record], progress: Progress) -> None:
    """Train every config, each with a record within the folder that it is listed under, in that order.

    Those that were stopped go on; one that diverges is reported, and not started again. Raises Interrupted
    or UserError, as `start_run` does.
    """
    known = list(records)
    there = {(record.folder.parent, record.config): record for record in known}
    left = [
        (runs, config)
        for runs, configs in missing.items()
        for config in configs
        if (runs, config) not in there or there[runs, config].state() != "diverged"
    ]
    overall = Overall(progress, [config for _, config in left], known)
    for runs, config in left:
        try:
            if (runs, config) in there:
                resume_run(there[runs, config], overall)
            else:
                start_run(config, runs, overall)
        except Diverged as diverged:
            progress.note(str(diverged))
        except Interrupted as stopped:
            raise Interrupted(f"{stopped.what}; the same command goes on", stopped.what, stopped.number) from None


class Overall(ProgressRelay):
    """Progress of many runs: says before each how many there are, and how long all that are left may take.

    The time is that of a sample times the samples that are left. That of a sample is measured in this process or,
    before that, read in the records of earlier runs; of a size not run yet, it is the mean of the experiment's others.
    """

    def __init__(self, progress: Progress, missing: Sequence[Config], records: Iterable[Record]) -> None:
        super().__init__(progress)
        self.missing = missing
        self.number, self.said = 0, 0.0
        self.rates: dict[tuple[Any, ...], float] = {}
        for record in records:
            if (result := record.result) and result.get("seconds"):
                self._learn(record.config, result)

    def begin(self, name: str, config: Config, step: int) -> None:
        """Say which run of how many begins, and how long they may take."""
        self.number += 1
        self.said = 0.0
        self.note(f"run {self.number} of {len(self.missing)}{self.describe_rest(step)}")
        super().begin(name, config, step)

    def report(self, line: dict[str, Any]) -> None:
        """Pass on a line of metrics, and learn from it how long a sample takes."""
        config = self.missing[self.number - 1]
        self._learn(config, line)
        super().report(line)
        if line["step"] < config.steps and line["seconds"] > self.said + SILENCE:
            self.said = line["seconds"]
            self.note(f"run {self.number} of {len(self.missing)}{self.describe_rest(line['step'])}")

    def describe_rest(self, step: int) -> str:
        """Say how long the rest of this run, after `step`, and the runs after it may take."""
        current, *later = self.missing[self.number - 1 :]
        left = [(current, current.steps - step), *((config, config.steps) for config in later)]
        times = [(self._find_rate(config), config.batch_size * steps) for config, steps in left]
        known = [rate * samples for rate, samples in times if rate is not None]
        unknown = {config.experiment for config, _ in left if self._find_rate(config) is None}
        after = f", and {', '.join(sorted(unknown))}, not timed yet" if unknown else ""
        return f"; about {describe_seconds(sum(known))} left{after}" if known else ""

    def _learn(self, config: Config, line: Mapping[str, Any]) -> None:
        self.rates[_describe_size(config)] = line["seconds"] / (line["step"] * config.batch_size)

    def _find_rate(self, config: Config) -> float | None:
        alike = [rate for size, rate in self.rates.items() if size[0] == config.experiment]
        return self.rates.get(_describe_size(config), fmean(alike) if alike else None)


def _describe_size(config: Config) -> tuple[Any, ...]:
    """Return what the time of a sample depends on, the experiment first."""
    return config.experiment, config.network, config.hidden, config.norm, config.batch_size


def describe_seconds(seconds: float) -> str:
    """Return a duration in suitable units: "40 s", "12 min", "3 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
