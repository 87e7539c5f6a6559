"""The assembly of the report: it trains what is missing, and finds our result for each row of the practical."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chainrule import __version__
from chainrule.errors import UserError
from chainrule.experiments import find_experiment
from chainrule.experiments.comparisons import COMPARISONS, Comparison, find_comparison
from chainrule.experiments.execution import train_missing
from chainrule.experiments.measurement import list_missing, make_comparison
from chainrule.practical.plan import Trained, count_seeds, plan_row, select_finished
from chainrule.practical.published import SUBJECTS, judge_code, judge_subject
from chainrule.practical.rows import ReportRow, list_rows
from chainrule.report.compared import write_comparison
from chainrule.report.comparisons import find_first, read_comparison, read_measurement
from chainrule.report.page import Material
from chainrule.report.table import AsRun, Wanted
from chainrule.shipped import find_shipped
from chainrule.train import Config
from chainrule.train.progress import Progress
from chainrule.train.records.folder import list_runs


@dataclass(frozen=True)
class Assembly:
    """A report in the making.

    out: folder that it is written to.  runs: where records are kept.  full: at published settings, not in minutes.
    fresh: use no record or measurement that came with the source.
    """

    out: Path
    runs: Path
    full: bool
    fresh: bool
    progress: Progress
    broken: list[str] = field(default_factory=list)  # what is wrong with the records that are left out

    @property
    def places(self) -> list[Path]:
        """The folders that may hold records, comparisons and measurements; the first that has one counts."""
        return [self.out, self.runs, *([] if self.fresh else [find_shipped("results")])]

    def list_missing(self) -> list[dict[str, Any]]:
        """What a report would run: of each row the runs and the steps of one, of each comparison its name."""
        rows = [
            {"what": f"{part.row.id} {part.row.meaning}", "runs": len(part.missing), "steps": part.missing[0].steps}
            for part in self._plan()
            if part.missing
        ]
        return [*rows, *({"what": f"the comparison {each.name}"} for each in self._list_comparisons())]

    def train_missing(self, data_dir: str | None) -> None:
        """Train what is missing of rows and comparisons, and draw the comparisons. Raises Interrupted when stopped."""
        comparisons = self._list_comparisons()
        folder = self.runs / "comparisons"
        lists = [list_missing(comparison, folder, data_dir) for comparison in comparisons]
        compared = list(dict.fromkeys(config for configs in lists for config in configs))
        records = [record for place in (*self.places, folder) for record in list_runs(place, self._leave_out)]
        missing = [replace(config, data_dir=data_dir) for trained in self._plan() for config in trained.missing]
        train_missing({self.runs: self._leave_out_torch(missing), folder: compared}, records, self.progress)
        for comparison in comparisons:
            self.progress.note(f"comparing: {comparison.name}")
            made = make_comparison(comparison, folder, True, self.progress, data_dir)
            write_comparison(made, self.out / "comparisons")

    def gather_material(self, command: str) -> Material:
        """Judge the published derivations, and return all that the page is made of; `command` makes the page."""
        self.progress.note("judging the published derivations")
        judged = [judge_subject(subject) for subject in SUBJECTS]
        trained = {part.row.id: part for part in self._plan()}
        wanted = [_describe_row(row, trained, judged, self.places) for row in list_rows()]
        return Material(wanted, judged, self.places, command, "full" if self.full else "quick", __version__)

    def _plan(self) -> list[Trained]:
        records = [record for place in reversed(self.places) for record in list_runs(place, self._leave_out)]
        finished = select_finished(records)  # once: each looks into a file
        return [plan_row(part, finished, self.full) for row in list_rows() for part in row.trained]

    def _list_comparisons(self) -> list[Comparison]:
        """Return the comparisons that have not been made, or, for a full report, were made quickly."""
        left = []
        for name in COMPARISONS:
            path = find_first(self.places, f"comparisons/{name}.json")
            if not path or (self.full and read_comparison(path).quick):
                left.append(find_comparison(name, quick=not self.full))
        return left

    def _leave_out(self, error: UserError) -> None:
        if str(error) not in self.broken:
            self.broken.append(str(error))

    def _leave_out_torch(self, missing: list[Config]) -> list[Config]:
        """Return the configs that can be trained here, and say which cannot without PyTorch."""
        left_out = {config.experiment for config in missing if config.backend == "torch"}
        if find_spec("torch") is not None or not left_out:
            return missing
        names = ", ".join(sorted(left_out))
        self.progress.note(f"{names}: not run without PyTorch: pip install 'chainrule[torch]'")
        return [config for config in missing if config.backend != "torch"]


def _describe_row(
    row: ReportRow, trained: Mapping[str, Trained], judged: Sequence[Mapping[str, Any]], places: Sequence[Path]
) -> Wanted:
    """Return a row with its published figures and ours."""
    wanted = Wanted(row.id, row.group, row.meaning, row.command, row.published)
    if not row.experiment:
        proven = ("proven", "derived and proven")
        if found := [d for subject in judged for d in subject["derivations"] if d["name"] == row.derivation]:
            return replace(wanted, answer=proven, judged=found[0])
        if any(row.derivation == subject["name"] for subject in judged):  # nothing of it is published
            return replace(wanted, answer=proven)
        return replace(wanted, answer=_answer_file(row, places), judged=judge_code(row.code) if row.code else None)
    experiment = find_experiment(row.experiment)
    measured = find_experiment(row.as_run) if row.as_run else experiment
    as_run = AsRun(row.as_run, _list_folders(trained[f"{row.id} as run"])) if row.as_run else None
    return replace(
        wanted,
        published=measured.published,
        published_images=measured.published_images,
        as_run=as_run,
        expected=experiment.expected,
        settings=row.config.differences(experiment.config),
        steps=row.config.steps,
        seeds=count_seeds(row.config),
        folders=_list_folders(trained[row.id]),
    )


def _list_folders(trained: Trained) -> tuple[Path, ...]:
    return tuple(record.folder for record in trained.records)


def _answer_file(row: ReportRow, places: Sequence[Path]) -> tuple[str, str] | None:
    """Answer a row from the comparison or the measurement that it names, if that has been made."""
    if path := find_first(places, f"comparisons/{row.comparison}.json"):
        made = read_comparison(path)
        return "shortened" if made.quick else "shown", " ".join(made.sentences[:1])
    if path := find_first(places, f"benchmarks/{row.benchmark}.json"):
        figures = [line.figure for line in read_measurement(path).rows if line.what.startswith(row.measured)]
        return ("shown", figures[0]) if figures else None
    return None
