"""A run's folder: everything that is known of the run, written from before its first step.

    config.json             its settings
    environment.json        versions, machine, threads, data
    metrics.jsonl           a line for each evaluation
    inputs.safetensors      what makes pixels the network's inputs, and the names of the classes
    checkpoint.safetensors  the latest state that the run can go on from
    weights.safetensors     the trained parameters, when it is finished
    result.json             how it ended: "finished" or "diverged"; absent while it is neither
    events.out.tfevents.*   the metrics for TensorBoard, where the settings ask for it

Whenever the process dies, each file is complete, except perhaps the last line of the metrics: the
checkpoint knows how many lines belong to it.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Literal

from filelock import FileLock, Timeout

from chainrule.display import frame, markdown_table, table
from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.ranks import name_command
from chainrule.train.records.checkpoint import (
    Arrays,
    Checkpoint,
    load_checkpoint,
    load_values,
    save_arrays,
    save_checkpoint,
)
from chainrule.train.records.files import (
    append_line,
    read_object,
    read_text,
    remove_leftovers,
    sync_folder,
    write_atomically,
)

State = Literal["finished", "diverged", "running", "interrupted"]
ENDED = ("finished", "diverged")
BOUND = "config"  # of a checkpoint's values: the fingerprint of the config that it belongs to
LARGEST = 1e300  # what is beyond it is no figure of a run
UNBORN = ".new-"  # begins the name of a folder that has no name of its own yet
UNBORN_SECONDS = 3600  # after which such a folder is taken for abandoned


class Record:
    """The record in one folder. Raises UserError where the folder holds none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not self.path("config").is_file():
            raise UserError(f"{folder} holds no record of a run: there is no config.json in it")
        text = read_text(self.path("config"))
        try:
            self.config = Config.from_json(text)
        except UserError as error:
            raise UserError(f"{self.path('config')}: {error}") from None

    @classmethod
    def create(cls, runs: Path, config: Config, environment: dict[str, Any]) -> Record:
        """Make a folder for a new run within `runs`; it appears with config and environment in it, or not at all."""
        with _explained(f"the record of the run could not be made in {runs}"):
            runs.mkdir(parents=True, exist_ok=True)
            _remove_unborn(runs)
            unborn = Path(mkdtemp(prefix=UNBORN, dir=runs))
            try:
                unborn.chmod(0o755)  # mkdtemp's folders are closed to all others
                write_atomically(unborn / "config.json", config.to_json().encode())
                write_atomically(unborn / "environment.json", _to_json(environment))
                folder = _rename_to_free(unborn, runs / name_run(config))
            except BaseException:
                shutil.rmtree(unborn, ignore_errors=True)
                raise
            sync_folder(runs)
        return cls(folder)

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.folder.name

    def path(self, part: str) -> Path:
        """Return the path of a part of the record: "config", "metrics", "checkpoint", …"""
        arrays = dict.fromkeys(("checkpoint", "inputs", "weights"), "safetensors")
        ending = {"metrics": "jsonl", "curves": "png", **arrays}
        return self.folder / f"{part}.{ending.get(part, 'json')}"

    @property
    def environment(self) -> dict[str, Any]:
        """What the run was begun with."""
        return self._read("environment") or {}

    @property
    def result(self) -> dict[str, Any] | None:
        """How the run ended, or None as long as it can go on."""
        result = self._read("result")
        if result is not None and (result.get("state") not in ENDED or type(result.get("step")) is not int):
            raise UserError(f"{self.path('result')} does not say how the run ended: its state and its step")
        return result

    def _read(self, part: str) -> dict[str, Any] | None:
        path = self.path(part)
        return read_object(read_text(path), path) if path.exists() else None

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The lines of metrics, without a last one that is half written."""
        return self.read_metrics()

    def read_metrics(self, start: int = 0) -> list[dict[str, Any]]:
        """The lines of metrics after the first `start`."""
        path, lines = self.path("metrics"), self._whole_lines()[start:]
        return [read_object(line, f"line {number} of {path}") for number, line in enumerate(lines, start + 1)]

    def _whole_lines(self) -> list[str]:
        path = self.path("metrics")
        if not path.exists():
            return []
        text = read_text(path)
        return text[: text.rfind("\n") + 1].splitlines()

    def require_whole(self) -> None:
        """Raise UserError where a part of the record is not what tables and pictures take from it."""
        parts = ("train", self.config.evaluate_on)
        needed = ("step", *(f"{part}_{figure}" for part in parts for figure in ("loss", "accuracy")))
        lines, result, judged = self.metrics, self.result, self.config.judged_on
        for number, line in enumerate(lines, 1):
            _require_numbers(line, needed, f"line {number} of {self.path('metrics')}")
        if result and result["state"] == "finished":
            if not lines:
                raise UserError(f"{self.folder} is finished, but has no metrics")
            _require_numbers(result, (f"{judged}_loss", f"{judged}_accuracy"), self.path("result"))
        if missing := {"experiment", "seed", "evaluate_on", "steps"} - (self._read("config") or {}).keys():
            raise UserError(f"{self.path('config')} lacks {', '.join(sorted(missing))}")
        if not self.path("environment").is_file():
            raise UserError(f"{self.path('environment')} is missing")
        for part in ("versions", "machine", "threads"):
            if not isinstance(self.environment.get(part, {}), dict):
                raise UserError(f"{self.path('environment')} holds no table of {part}")
        self.reached_step(), self.state()

    def add_metrics(self, line: dict[str, Any]) -> None:
        """Add a line of metrics."""
        with self._writing("the metrics"):
            append_line(self.path("metrics"), json.dumps(line))

    def rewind_metrics(self, count: int) -> None:
        """Keep the first `count` lines of metrics, those that belong to the checkpoint."""
        lines = self._whole_lines()
        if len(lines) < count:
            raise UserError(f"{self.path('metrics')} has {len(lines)} lines, but the checkpoint belongs after {count}")
        with self._writing("the metrics"):
            write_atomically(self.path("metrics"), "".join(line + "\n" for line in lines[:count]).encode())

    def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Replace the last checkpoint, bound to the config; if the disk refuses, the last one stays."""
        bound = checkpoint._replace(values={**checkpoint.values, BOUND: self.config.fingerprint})
        with self._writing(f"the checkpoint of step {checkpoint.values['step']:,}"):
            save_checkpoint(self.path("checkpoint"), bound)

    def load_checkpoint(self) -> Checkpoint | None:
        """Return the latest checkpoint, or None where the run was stopped before its first.

        Raises UserError where it is damaged or belongs to other settings than config.json holds.
        """
        path = self.path("checkpoint")
        if not path.exists():
            return None
        checkpoint = load_checkpoint(path)
        if checkpoint.values.get(BOUND, self.config.fingerprint) != self.config.fingerprint:  # old ones have none
            raise UserError(f"{path} belongs to other settings than those of {self.path('config')}")
        return checkpoint

    def save_inputs(self, inputs: Checkpoint) -> None:
        """Write what makes pixels the network's inputs."""
        with self._writing("what makes pixels inputs"):
            save_checkpoint(self.path("inputs"), inputs)

    def save_weights(self, weights: Arrays) -> None:
        """Write the trained parameters under PyTorch's names."""
        with self._writing("the weights"):
            save_arrays(self.path("weights"), weights)

    def save_result(self, result: dict[str, Any]) -> None:
        """Write how the run ended; with this the run is over."""
        with self._writing("the result"):
            write_atomically(self.path("result"), _to_json(result))

    @contextmanager
    def _writing(self, what: str) -> Iterator[None]:
        kept = "its last checkpoint is kept; " if self.path("checkpoint").exists() else ""
        with _explained(f"{what} could not be written to {self.folder}", f"; {kept}{self.resume_hint}"):
            yield

    @property
    def resume_hint(self) -> str:
        """How to go on with this run, as part of a sentence."""
        return f"go on with: {name_command()} train --resume {self.folder}"

    def reached_step(self) -> int:
        """Return the step that the run would go on from, or ended at."""
        if self.result:
            return int(self.result["step"])
        return int(load_values(self.path("checkpoint"))["step"]) if self.path("checkpoint").exists() else 0

    def _repr_html_(self) -> str:
        curves = self.path("curves")
        picture = b64encode(curves.read_bytes()).decode() if curves.is_file() else ""
        image = f'<img alt="curves" src="data:image/png;base64,{picture}">' if picture else ""
        return frame(table(*self._summarise()), image)

    def _repr_markdown_(self) -> str:
        return markdown_table(*self._summarise())

    def _summarise(self) -> tuple[tuple[str, str], list[tuple[str, str]]]:
        """A table of how the run stands: its state, what it reached, and the settings that are not the defaults."""
        reached = {**(self.metrics or [{}])[-1], **(self.result or {})}
        figures = [(name, f"{value:.4g}") for name, value in reached.items() if name.endswith(("_loss", "_accuracy"))]
        changed = [(name, str(value)) for name, value in self.config.differences(Config()).items()]
        return ("run", self.name), [
            ("state", f"{self.state()} at step {self.reached_step():,} of {self.config.steps:,}"),
            *figures,
            *changed,
        ]

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run, and clear away what a killed process left; raises UserError while another process holds it."""
        lock = self._lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise UserError(f"{self.name} is running in another process") from None
        except OSError as error:
            raise UserError(f"{self.name} cannot be held: {self._lock_path} ({error.strerror or error})") from None
        try:
            remove_leftovers(self.folder)
            yield
        finally:
            lock.release()
            if self.path("result").exists():
                self._lock_path.unlink(missing_ok=True)

    @property
    def _lock_path(self) -> Path:
        return self.folder / "lock"

    def _lock(self) -> FileLock:
        if self._lock_path.exists() and not self._lock_path.is_file():
            raise UserError(f"{self._lock_path} is no file")
        return FileLock(self._lock_path)

    def state(self) -> State:
        """Return how the run stands."""
        if self.result:
            return self.result["state"]
        if not self._lock_path.exists():
            return "interrupted"
        try:
            with self._lock().acquire(timeout=0):
                return "interrupted"
        except Timeout:
            return "running"
        except OSError:  # a folder that this process may not write to
            return "interrupted"


def _require_numbers(values: dict[str, Any], names: Iterable[str], source: object) -> None:
    for name in names:
        value = values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
            raise UserError(f"{source} has no number {name}")


def name_run(config: Config) -> str:
    """Return the name of a run that begins now."""
    return f"{config.experiment}-seed{config.seed}-{time.strftime('%Y%m%d-%H%M%S')}"


def _remove_unborn(runs: Path) -> None:
    """Delete the folders of runs that were killed before they had a name."""
    for folder in runs.glob(UNBORN + "*"):
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > UNBORN_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)


def _rename_to_free(folder: Path, wanted: Path) -> Path:
    """Rename the folder to the wanted name, with "-2", "-3", … behind it where that is taken; return its path."""
    for number in range(1, 1000):
        target = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        if not target.exists():
            try:
                os.rename(folder, target)
            except OSError:
                if not target.exists():
                    raise
            else:
                return target
    raise UserError(f"{wanted} and 999 names after it are taken")


@contextmanager
def _explained(what: str, advice: str = "") -> Iterator[None]:
    """Explain the disk's refusal in one sentence."""
    try:
        yield
    except OSError as error:
        raise UserError(f"{what} ({error.strerror or error}){advice}") from error


def _to_json(value: dict[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
