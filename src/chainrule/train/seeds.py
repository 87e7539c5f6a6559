"""Several runs of one config with different seeds, and their mean and standard deviation."""

from __future__ import annotations

import json
import statistics
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.interruption import Interrupted
from chainrule.train.progress import Progress
from chainrule.train.ranks import require_one_process
from chainrule.train.records.files import read_object, read_text, write_atomically
from chainrule.train.records.record import Record
from chainrule.train.runs import resume_run, start_run


class Group:
    """Runs of one config with several seeds, listed in a JSON file beside their folders.

    Raises UserError if the file is not such a list.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            content = read_object(read_text(path), path)
            self.config = Config.from_json(json.dumps(content["config"]))
            self.seeds: list[int] = content["seeds"]
            self.names: dict[str, str] = content["runs"]
        except (KeyError, TypeError, UserError) as error:
            raise UserError(f"{path} is not the record of a group of runs ({error})") from None

    @classmethod
    def create(cls, runs: Path, config: Config, seeds: range) -> Group:
        """Make the record of a new group, none of whose runs has begun."""
        runs.mkdir(parents=True, exist_ok=True)
        stamp = time.strftime("%Y%m%d-%H%M%S")
        path = runs / f"{config.experiment}-seeds{seeds[0]}-{seeds[-1]}-{stamp}.json"
        _write(path, config, list(seeds), {})
        return cls(path)

    @property
    def records(self) -> list[Record]:
        """The records of the runs that have begun, in the order of their seeds."""
        return [Record(self.path.parent / name) for name in self.names.values()]

    @property
    def curves(self) -> Path:
        """Where the picture of all the runs belongs."""
        return self.path.with_suffix(".png")

    def complete(self, progress: Progress) -> None:
        """Train what is left of the group, seed by seed. Raises as `start_run` does."""
        require_one_process("several seeds are trained")
        try:
            for seed in self.seeds:
                if name := self.names.get(str(seed)):
                    resume_run(Record(self.path.parent / name), progress)
                else:
                    start_run(replace(self.config, seed=seed), self.path.parent, progress, self._add)
        except Interrupted as error:
            raise Interrupted(
                f"{error.what}; go on with all seeds: chainrule train --resume {self.path}", error.what, error.number
            ) from None
        _write(self.path, self.config, self.seeds, self.names, summary=self.summarise())

    def _add(self, record: Record) -> None:
        self.names[str(record.config.seed)] = record.name
        _write(self.path, self.config, self.seeds, self.names)

    def summarise(self) -> dict[str, Any]:
        """Return, for each figure of the results, n, mean and sample standard deviation (of one run: None)."""
        results = [record.result or {} for record in self.records]
        figures = [name for name in results[0] if name.endswith(("_loss", "_accuracy", "seconds", "_per_second"))]
        return {name: summarise_figures([float(result[name]) for result in results]) for name in figures}


def find_group(runs: Path, wanted: str) -> Group | None:
    """Return the group of runs with this path or name, or None if there is none."""
    for path in (Path(wanted), runs / f"{wanted}.json"):
        if path.suffix == ".json" and path.is_file():
            return Group(path)
    return None


def summarise_figures(figures: list[float]) -> dict[str, Any]:
    """Return n, mean and sample standard deviation (n - 1 in the denominator), and the figures themselves."""
    deviation = statistics.stdev(figures) if len(figures) > 1 else None
    return {"n": len(figures), "mean": statistics.fmean(figures), "std": deviation, "figures": figures}


def _write(path: Path, config: Config, seeds: list[int], names: dict[str, str], **more: Any) -> None:
    content = {"config": json.loads(config.to_json()), "seeds": seeds, "runs": names, **more}
    write_atomically(path, (json.dumps(content, indent=2) + "\n").encode())
