"""The table of the report: each row with its published figure, ours, and a mark. Also what results.json holds of it.

A row of results.json:

    id, group, meaning   which row of the practical, or of ours beyond it
    command              what makes our figure
    published            accuracy (0..1 or null), expected (by the course; 0..1 or null), words
    ours                 null, or: part ("test" or "validation"), n, mean, std (sample standard deviation; null for
                         n = 1), figures (by seed), best (mean and std at the best step; null where it was not watched)
    words                what is said of ours beside or in place of a figure
    mark                 "reached", "short", "measured" (nothing is published), "shortened", "proven", "shown",
                         "not run"
    short_by             how far the mean lies below the published accuracy, or else below the expected; null if not
    settings, steps      of the runs, seeds aside: what differs from the experiment's own; steps of (taken, published)
    seeds, runs          the seeds, and the names of the records
    wanted_seeds         how many a comparison with a published figure asks for; 0 of a row that is not trained
    hardware             processor, cores and device (other than a CPU) of each machine
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from chainrule.report.runs import Run, read_run


@dataclass(frozen=True)
class Wanted:
    """A row as it is asked for; accuracies are 0..1.

    folders: the records of its runs.  steps: of its published settings.  seeds: that a comparison asks for.
    settings: that differ from the experiment's.
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


@dataclass(frozen=True)
class FilledRow:
    """A row with its runs, and what they come to."""

    wanted: Wanted
    runs: tuple[Run, ...]

    @property
    def shortened(self) -> bool:
        """Whether a run stopped before the published number of steps."""
        return any(run.steps < self.wanted.steps for run in self.runs)

    @property
    def reference(self) -> float | None:
        """The accuracy that ours is held to: the published one, or else what the course expects."""
        return self.wanted.expected if self.wanted.published is None else self.wanted.published

    def describe(self) -> dict[str, Any]:
        """Return the row as results.json holds it."""
        wanted, ours = self.wanted, summarise(self.runs)
        mark, words = wanted.answer or ("not run", "")
        if ours:
            mark = self._mark(ours["mean"])
        short_by = self.reference - ours["mean"] if ours and self.reference is not None and mark == "short" else None
        return {
            "id": wanted.id,
            "group": wanted.group,
            "meaning": wanted.meaning,
            "command": wanted.command,
            "published": {"accuracy": wanted.published, "expected": wanted.expected, "words": wanted.words},
            "ours": ours,
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

    def _mark(self, mean: float) -> str:
        if self.shortened:
            return "shortened"
        if self.reference is None:
            return "measured"
        return "reached" if mean >= self.reference else "short"


def fill_table(rows: Sequence[Wanted]) -> list[FilledRow]:
    """Read the records of every row. Raises UserError for one that is broken."""
    return [FilledRow(row, tuple(read_run(folder) for folder in row.folders)) for row in rows]


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
