"""The table of the report: each row with its published figure, ours, and a mark. Also what results.json holds of it.

A row of results.json:

    id, group, meaning   which row of the practical, or of ours beyond it
    command              what makes our figure
    published            accuracy (0..1 or null), images (that it was measured on), standard_error (of so many images:
                         √(p(1−p)/images)), expected (by the course; 0..1 or null), words; judged (null, or of a
                         published derivation: ok, and the row that does not follow, its text and repair; of
                         published code, with a row that is null: what is wrong, and the repair)
    as_run               null, or what is measured as the published figure was: experiment, n, and of the images that
                         were tested (batch) and of the whole test set in training mode (whole_training) and in
                         evaluation mode (whole): accuracy and loss, each n, mean, std
    within_error         whether the published figure lies within two standard errors of what it is compared with
    ours                 null, or: part ("test" or "validation"), n, mean, std (sample standard deviation; null for
                         n = 1), figures (by seed), best (mean and std at the best step; null where it was not watched)
    words                what is said of ours beside or in place of a figure
    mark                 "reached" (not below the published figure, or within its error), "short", "measured" (nothing
                         is published), "shortened", "proven", "shown", "not run"
    short_by             how far the mean lies below the published accuracy, or else below the expected; null if not.
                         Where the published figure was measured otherwise, it is compared with as_run's batch alone
    settings, steps      of the runs, seeds aside: what differs from the experiment's own; steps of (taken, published)
    seeds, runs          the seeds, and the names of the records
    wanted_seeds         how many a comparison with a published figure asks for; 0 of a row that is not trained
    hardware             processor, cores and device (other than a CPU) of each machine
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from chainrule.report.runs import Run, read_run

PLACES = {"batch": "", "whole_training": "whole_training_", "whole": "whole_"}  # in a result's names


@dataclass(frozen=True)
class AsRun:
    """The experiment that is measured as a published figure was, and the records of its runs."""

    experiment: str
    folders: tuple[Path, ...]


@dataclass(frozen=True)
class Wanted:
    """A row as it is asked for; accuracies are 0..1.

    folders: the records of its runs.  steps: of its published settings.  seeds: that a comparison asks for.
    settings: that differ from the experiment's.
    published_images: that the published figure was measured on.  as_run: what is measured as it was, if not the row.
    judged: of a published derivation whether it is `ok`, else the `row` that does not follow, its `text` and `repair`;
    of published code `row` is None, and `text` says what is wrong.
    answer: mark and words of a row that is answered by something other than runs; None where that is missing.
    """

    id: str
    group: str
    meaning: str
    command: str
    words: str = ""
    published: float | None = None
    expected: float | None = None
    experiment: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    steps: int = 0
    seeds: int = 0
    folders: tuple[Path, ...] = ()
    answer: tuple[str, str] | None = None
    published_images: int = 10_000
    as_run: AsRun | None = None
    judged: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class FilledRow:
    """A row with its runs, and what they come to."""

    wanted: Wanted
    runs: tuple[Run, ...]
    as_run: tuple[Run, ...] = ()

    @property
    def shortened(self) -> bool:
        """Whether a run stopped before the published number of steps."""
        return any(run.steps < self.wanted.steps for run in self.runs)

    @property
    def reference(self) -> float | None:
        """The accuracy that ours is held to: the published one, or else what the course expects."""
        return self.wanted.expected if self.wanted.published is None else self.wanted.published

    @property
    def fair(self) -> float | None:
        """Our mean that the reference is compared with: that of the runs measured as the published figure was."""
        runs = self.as_run if self.wanted.as_run and self.wanted.published is not None else self.runs
        return fmean(run.accuracy for run in runs) if runs else None

    @property
    def standard_error(self) -> float | None:
        """How far chance alone moves the published figure: √(p (1 − p) / images)."""
        published = self.wanted.published
        return None if published is None else sqrt(published * (1 - published) / self.wanted.published_images)

    @property
    def within_error(self) -> bool:
        """Whether the published figure lies within two standard errors of our fair mean."""
        if self.fair is None or self.standard_error is None or self.wanted.published is None:
            return False
        return abs(self.wanted.published - self.fair) <= 2 * self.standard_error

    def describe(self) -> dict[str, Any]:
        """Return the row as results.json holds it."""
        wanted, ours = self.wanted, summarise(self.runs)
        mark, words = wanted.answer or ("not run", "")
        if self.fair is not None or ours:
            mark = self._mark()
        short_by = self.reference - self.fair if mark == "short" and self.reference and self.fair else None
        return {
            "id": wanted.id,
            "group": wanted.group,
            "meaning": wanted.meaning,
            "command": wanted.command,
            "published": {
                "accuracy": wanted.published,
                "images": wanted.published_images,
                "standard_error": self.standard_error,
                "expected": wanted.expected,
                "words": wanted.words,
                "judged": wanted.judged and {name: wanted.judged[name] for name in ("ok", "row", "text", "repair")},
            },
            "ours": ours,
            "as_run": self._describe_as_run(),
            "within_error": self.within_error,
            "words": words,
            "mark": mark,
            "short_by": short_by,
            "settings": wanted.settings,
            "steps": [self.runs[0].steps, wanted.steps] if self.runs else None,
            "seeds": [run.seed for run in self.runs],
            "wanted_seeds": wanted.seeds,
            "runs": [run.folder.name for run in self.runs],
            "hardware": list_machines(self.runs),
        }

    def _mark(self) -> str:
        if self.shortened:
            return "shortened"
        if self.reference is None or self.fair is None:
            return "measured"
        return "reached" if self.fair >= self.reference or self.within_error else "short"

    def _describe_as_run(self) -> dict[str, Any] | None:
        if self.wanted.as_run is None or not self.as_run:
            return None
        part = self.as_run[0].judged
        figures = {
            place: {
                kind: _mean_and_deviation([float(run.result[f"{part}_{name}{kind}"]) for run in self.as_run])
                for kind in ("accuracy", "loss")
            }
            for place, name in PLACES.items()
        }
        return {"experiment": self.wanted.as_run.experiment, "n": len(self.as_run), **figures}


def fill_table(rows: Sequence[Wanted]) -> list[FilledRow]:
    """Read the records of every row. Raises UserError for one that is broken."""
    as_run = [row.as_run.folders if row.as_run else () for row in rows]
    return [
        FilledRow(row, tuple(map(read_run, row.folders)), tuple(map(read_run, fair)))
        for row, fair in zip(rows, as_run, strict=True)
    ]


def summarise(runs: Sequence[Run]) -> dict[str, Any] | None:
    """Return n, mean and deviation of the runs' accuracy, at their last step and at their best; None of no runs."""
    if not runs:
        return None
    best = [run.best for run in runs if run.best is not None]
    return {
        "part": runs[0].judged,
        **_mean_and_deviation([run.accuracy for run in runs]),
        "figures": {str(run.seed): run.accuracy for run in runs},
        "best": _mean_and_deviation(best) if best else None,
    }


def list_machines(runs: Sequence[Run]) -> list[str]:
    """Return each machine that the runs were trained on, once."""
    named = []
    for run in runs:
        machine, threads = run.environment.get("machine", {}), run.environment.get("threads", {})
        device = machine.get("device")
        parts = [machine.get("processor"), f"{threads.get('cores', '?')} cores", None if device == "cpu" else device]
        named.append(", ".join(filter(None, parts)))
    return list(dict.fromkeys(named))


def _mean_and_deviation(figures: list[float]) -> dict[str, Any]:
    return {"n": len(figures), "mean": fmean(figures), "std": stdev(figures) if len(figures) > 1 else None}
