"""Runs that are started and followed from the page: the command line's own, each in a process of its own.

A run outlives nothing but its process: stopped by the signal of Ctrl-C it writes a checkpoint, and whoever resumes it,
here or with `chainrule train --resume`, goes on from there.
"""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from pathlib import Path
from typing import Any

from chainrule.data.cifar10.cache import find_cache_folder
from chainrule.data.cifar10.fetch import FILE
from chainrule.errors import UserError
from chainrule.train.config import Config
from chainrule.train.network import describe_layers
from chainrule.train.records.folder import list_folders
from chainrule.train.records.record import ENDED, Record
from chainrule.web.following import summarise
from chainrule.web.guard import Refusal
from chainrule.web.jobs import STOP

DATA = ("digits", "cifar10")
IMAGES = {"digits": ((1, 8, 8), 10), "cifar10": ((3, 32, 32), 10)}  # shape of an image, and how many classes
SLID = ("lr", "momentum", "weight_decay", "dropout")  # settings that the page has sliders for
MOST_RUNNING = 2
MOST_SETTINGS = 40
PATIENCE = 60.0  # seconds in which a run says its name
FAREWELL = 20.0  # seconds in which a run writes its checkpoint when the server ends


class Trainings:
    """The folder of runs, and the processes that train some of them."""

    def __init__(self, runs: Path, data_dir: str = "") -> None:
        self.runs, self.data_dir = runs, data_dir
        self._processes: dict[str, Process] = {}
        self._ended: dict[tuple[str, int], dict[str, Any]] = {}
        self._starting = 0
        self._drains: set[asyncio.Task[None]] = set()

    def describe_experiments(self) -> dict[str, Any]:
        """What can be trained on images, and what can be set."""
        from chainrule.experiments import EXPERIMENTS
        from chainrule.train import Config

        made = {name: make() for name, make in EXPERIMENTS.items()}
        return {
            "experiments": [
                {"name": name, "meaning": each.meaning, **{slid: getattr(each.config, slid) for slid in SLID}}
                for name, each in made.items()
                if each.config.data in DATA
            ],
            "settings": Config.describe_settings(),
        }

    def list_runs(self) -> list[dict[str, Any]]:
        """All runs that can be read, the newest first."""
        runs = []
        for folder in reversed(list_folders(self.runs)):
            with suppress(UserError):
                runs.append(self._summarise(folder))
        return runs

    def _summarise(self, folder: Path) -> dict[str, Any]:
        """How the run of a folder stands; of one that has ended, as it was read the first time."""
        result = folder / "result.json"
        key = (folder.name, result.stat().st_mtime_ns if result.exists() else 0)
        if key not in self._ended:
            record = Record(folder)
            record.require_whole()
            summary = summarise(record, (record.metrics or [{}])[-1])
            if summary["state"] not in ENDED:
                return summary
            self._ended[key] = summary
        return self._ended[key]

    def find(self, name: object) -> Record:
        """The run of a name, which is looked up among those that there are."""
        found = [folder for folder in list_folders(self.runs) if folder.name == name]
        if not found:
            raise Refusal(404, "there is no such run")
        return Record(found[0])

    def _read_config(self, experiment: Any, settings: Any) -> Config:
        from chainrule.experiments import find_experiment

        if not isinstance(experiment, str) or not isinstance(settings, list) or len(settings) > MOST_SETTINGS:
            raise Refusal(400, "expected an experiment, and a list of settings such as lr=0.1")
        if not all(isinstance(each, str) and len(each) < 200 for each in settings):
            raise Refusal(400, "a setting is a text such as lr=0.1")
        return find_experiment(experiment).config.with_settings(settings)

    def describe_network(self, experiment: object, settings: object) -> dict[str, Any]:
        """The layers of an experiment's network with settings: their shapes, and how many parameters they have."""
        config = self._read_config(experiment, settings)
        image, classes = IMAGES.get(config.data, IMAGES["cifar10"])
        return {"layers": describe_layers(config, image, classes), "warnings": config.list_warnings()}

    def has_cifar10(self) -> bool:
        """Whether CIFAR-10 has been fetched."""
        return (find_cache_folder() / FILE).is_file()

    async def start(self, experiment: Any, settings: Any) -> str:
        """Train an experiment with settings such as "lr=0.1"; returns the name of the run once it has one."""
        self._read_config(experiment, settings)
        for name, _, value in ("".join(each.split()).partition("=") for each in settings):
            if name == "data_dir":
                raise UserError("data_dir is given to the server: chainrule serve --data-dir FOLDER")
            if name == "data" and value not in DATA:
                raise UserError(f"data is {' or '.join(DATA)} here; the command line trains on folders of pictures")
        options = [f"--set={each}" for each in settings]
        return await self._begin(experiment, *options, *([f"--data-dir={self.data_dir}"] if self.data_dir else []))

    async def resume(self, name: object) -> str:
        """Go on with a run."""
        return await self._begin("--resume", str(self.find(name).folder))

    def stop(self, name: object) -> None:
        """Ask a run to write a checkpoint and end."""
        process = self._processes.get(name) if isinstance(name, str) else None
        if process is None or process.returncode is not None:
            raise Refusal(409, "this run is not trained by this server now")
        process.send_signal(STOP)

    async def _begin(self, *arguments: str) -> str:
        running = [process for process in self._processes.values() if process.returncode is None]
        if len(running) + self._starting >= MOST_RUNNING:
            raise Refusal(409, f"{MOST_RUNNING} runs are being trained; stop one of them first")
        self._starting += 1
        try:
            command = [sys.executable, "-m", "chainrule", "train", *arguments, "--runs", str(self.runs)]
            process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, start_new_session=True)
            name = await _hear_name(process)
            self._processes[name] = process
        finally:
            self._starting -= 1
        task = asyncio.create_task(_drain(process))
        self._drains.add(task)
        task.add_done_callback(self._drains.discard)
        return name

    async def close(self) -> None:
        """Stop every run at a checkpoint."""
        for process in self._processes.values():
            if process.returncode is None:
                process.send_signal(STOP)
        if self._drains:
            await asyncio.wait(self._drains, timeout=FAREWELL)


async def _hear_name(process: Process) -> str:
    """The name that a run says first. Raises UserError with what it says instead."""
    assert process.stdout
    assert process.stderr
    try:
        async with asyncio.timeout(PATIENCE):
            while line := (await process.stdout.readline()).decode("utf-8", "replace"):
                if found := re.search(r"\b[\w-]+-seed\d+-\d{8}-\d{6}(-\d+)?\b", line):
                    return found[0]
            said = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
    except TimeoutError:
        process.kill()
        raise UserError(f"the run did not begin within {PATIENCE:g} seconds") from None
    raise UserError(said[-1] if said else "the run ended before it began")


async def _drain(process: Process) -> None:
    """Read what a run says, so that it never waits for a reader, until it ends."""

    async def read(stream: asyncio.StreamReader | None) -> None:
        while stream and await stream.read(1 << 16):
            pass

    await asyncio.gather(read(process.stdout), read(process.stderr))
    await process.wait()
