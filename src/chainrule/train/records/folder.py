"""The folder of all runs: what it holds, and which run a person means."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from chainrule.errors import UserError
from chainrule.train.records.record import UNBORN, Record


def find_runs_folder(given: Path | None = None) -> Path:
    """Return the folder of all runs: the one given, else CHAINRULE_RUNS, else `runs` in the working directory."""
    return given or Path(os.environ.get("CHAINRULE_RUNS") or "runs")


def list_runs(runs: Path) -> list[Record]:
    """Return the records in a folder of runs, the oldest first; what cannot be read is left out."""
    configs = [path for path in runs.glob("*/config.json") if not path.parent.name.startswith(UNBORN)]
    records = []
    for path in sorted(configs, key=lambda path: (path.stat().st_mtime_ns, path)):
        with suppress(UserError):
            records.append(Record(path.parent))
    return records


def find_run(runs: Path, wanted: str) -> Record:
    """Return the run that is meant by a path, a name, the beginning of just one name, or "last".

    Raises UserError where none or several are meant.
    """
    if (Path(wanted) / "config.json").is_file():
        return Record(Path(wanted))
    records = list_runs(runs)
    if wanted == "last" and records:
        return records[-1]
    exact = [record for record in records if record.name == wanted]
    found = exact or [record for record in records if record.name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(record.name for record in found[:5])
        raise UserError(f"{wanted!r} is the beginning of {len(found)} runs ({names}, …); give more of the name")
    raise UserError(f"there is no run {wanted!r} in {runs}; `chainrule runs` lists those that there are")
