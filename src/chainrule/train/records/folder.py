"""The folder of all runs: what it holds, and which run a person means."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chainrule.errors import UserError
from chainrule.train.records.record import UNBORN, Record


def find_runs_folder(given: Path | None = None) -> Path:
    """Return the folder of all runs: the one given, else CHAINRULE_RUNS, else `runs` in the working directory."""
    return given or Path(os.environ.get("CHAINRULE_RUNS") or "runs")


def list_runs(runs: Path, told: Callable[[UserError], object] = lambda error: None) -> list[Record]:
    """Return the records in a folder of runs, the oldest first; `told` is called for each that cannot be read."""
    records = []
    for folder in list_folders(runs):
        try:
            record = Record(folder)
            record.require_whole()
            records.append(record)
        except UserError as error:
            told(error)
    return records


def list_folders(runs: Path) -> list[Path]:
    """Return the folders that a run has made within `runs`, sound or not, the oldest first."""
    ages = {}
    for path in runs.glob("*/config.json"):
        if not path.parent.name.startswith(UNBORN):
            with suppress(OSError):  # one that is deleted at this moment
                ages[path.parent] = (path.stat().st_mtime_ns, path)
    return sorted(ages, key=lambda folder: ages[folder])


def find_run(runs: Path, wanted: str) -> Record:
    """Return the run that is meant by a path, a name, the beginning of just one name, or "last".

    Raises UserError where none or several are meant, and where the one that is meant cannot be read.
    """
    if (Path(wanted) / "config.json").is_file():
        return Record(Path(wanted))
    folders = list_folders(runs)
    if wanted == "last" and folders:
        return Record(folders[-1])
    exact = [folder for folder in (runs / wanted,) if folder.is_dir() and folder.parent == runs]
    found = exact or [folder for folder in folders if folder.name.startswith(wanted)]
    if len(found) == 1:
        return Record(found[0])
    if found:
        names = ", ".join(folder.name for folder in found[:5])
        raise UserError(f"{wanted!r} is the beginning of {len(found)} runs ({names}, …); give more of the name")
    raise UserError(f"there is no run {wanted!r} in {runs}; `chainrule runs` lists those that there are")
