"""A run that was stopped anywhere goes on to the weights, bit for bit, and the metrics of one never interrupted."""

import errno
import io
import os
import random
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.train.processes import run_chainrule, start

from chainrule.errors import UserError
from chainrule.experiments import find_experiment
from chainrule.train.config import Config
from chainrule.train.interruption import Interrupted
from chainrule.train.progress import PlainProgress
from chainrule.train.records import files
from chainrule.train.records.folder import list_runs
from chainrule.train.records.record import Record
from chainrule.train.runs import resume_run, start_run

TIMES = ("seconds", "samples_per_second")


def train_limited(config: str, runs: Path) -> None:
    """Train where no file may be larger than 4096 bytes."""
    import resource

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    start_run(Config.from_json(config), runs, PlainProgress(sys.stdout))


def train_until(call: int, config: str, runs: Path) -> None:
    """Train, and die just before the n-th call that makes something lasting."""
    left = call

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def count(*arguments: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments)

        return count

    for name in ("fsync", "replace", "rename"):
        setattr(os, name, counted(getattr(os, name)))
    start_run(Config.from_json(config), runs, PlainProgress(sys.stdout))


class StoppedAt(PlainProgress):
    """Asks for a stop after a step, as Ctrl-C does."""

    def __init__(self, step: int) -> None:
        super().__init__(io.StringIO())
        self.last = step

    def advance(self, step: int, loss: float) -> None:
        if step == self.last:
            os.kill(os.getpid(), signal.SIGINT)


def require_same(record: Record, reference: Record) -> None:
    assert record.state() == "finished"
    assert record.path("weights").read_bytes() == reference.path("weights").read_bytes()
    timeless = [
        [{name: value for name, value in line.items() if name not in TIMES} for line in each.metrics]
        for each in (record, reference)
    ]
    assert timeless[0] == timeless[1]
    assert not list(record.folder.glob("*.part"))


@pytest.mark.parametrize("step", [1, 7, 10, 29])
def test_after_ctrl_c(config: Config, finished: Record, tmp_path: Path, progress: PlainProgress, step: int) -> None:
    with pytest.raises(Interrupted):
        start_run(config, tmp_path, StoppedAt(step))
    (record,) = list_runs(tmp_path)
    resume_run(record, progress)
    require_same(record, finished)


def test_after_several_stops(config: Config, finished: Record, tmp_path: Path, progress: PlainProgress) -> None:
    with pytest.raises(Interrupted):
        start_run(config, tmp_path, StoppedAt(3))
    (record,) = list_runs(tmp_path)
    for step in (4, 11, 25):
        with pytest.raises(Interrupted):
            resume_run(record, StoppedAt(step))
    resume_run(record, progress)
    require_same(record, finished)


def test_without_any_checkpoint(config: Config, finished: Record, tmp_path: Path, progress: PlainProgress) -> None:
    record = Record.create(tmp_path, config, finished.environment)
    record.path("metrics").write_text('{"step": 10}\n{"st')
    resume_run(record, progress)
    require_same(record, finished)


def train_and_kill(config: Config, runs: Path, call: int) -> bool:
    """Train in a process that kills itself before its n-th lasting call; return whether it did so in time."""
    process = start(train_until, call, config.to_json(), runs)
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.mark.slow
def test_after_a_kill_at_every_single_write(
    config: Config, finished: Record, tmp_path: Path, progress: PlainProgress
) -> None:
    call = 1
    while train_and_kill(config, tmp_path / str(call), call):
        for record in list_runs(tmp_path / str(call)):
            resume_run(record, progress)
            require_same(record, finished)
        call += 1
    assert call > 30


def kill_at_random_instants(config: Config, folder: Path, kills: int, experiment: str = "mlp-numpy") -> None:
    """Train by the command, kill it at so many random instants, then compare with a run never interrupted.

    An instant is at most half as long after the start as the whole run took.
    """
    reference = start_run(config, folder / "reference", StoppedAt(0))
    latest = reference.metrics[-1]["seconds"] / 2
    rng, runs = random.Random(0), folder / "killed"
    base = find_experiment(experiment).config
    settings = [f"--set={name}={value}" for name, value in config.differences(base).items()]
    killed = 0
    while killed < kills:
        unfinished = [record for record in list_runs(runs) if record.state() != "finished"]
        arguments = ["--resume", unfinished[-1].name] if unfinished else [experiment, *settings]
        process = start(run_chainrule, "train", "--runs", str(runs), *arguments)
        process.join(rng.uniform(0, latest))
        process.kill()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
    for record in list_runs(runs):
        resume_run(record, StoppedAt(0))
        require_same(record, reference)


def test_after_kill_9_at_twenty_random_instants(config: Config, tmp_path: Path) -> None:
    config = config.with_settings(["steps=400", "checkpoint_every=1", "init=practical"])
    kill_at_random_instants(config, tmp_path, kills=20)


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize(
    ("experiment", "settings"),
    [
        ("mlp-tuned", ["steps=150", "eval_every=50", "checkpoint_every=3"]),
        ("mlp-torch", ["hidden=9-7", "norm=batch", "dropout=0.25", "optimizer=adam", "lr=0.01", "batch_size=64",
                       "steps=600", "eval_every=10", "checkpoint_every=5"]),
    ],
)  # fmt: skip
def test_after_kill_9_in_pytorch_at_ten_random_instants(tmp_path: Path, experiment: str, settings: list[str]) -> None:
    pytest.importorskip("torch")
    config = find_experiment(experiment).config.with_settings(["data=digits", *settings])
    kill_at_random_instants(config, tmp_path, kills=10, experiment=experiment)


def test_after_a_full_disk(
    config: Config, finished: Record, tmp_path: Path, progress: PlainProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_disk(path: Path, content: bytes) -> None:
        if path.name == "checkpoint.safetensors" and path.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        files.write_atomically(path, content)

    with monkeypatch.context() as patch:
        patch.setattr("chainrule.train.records.checkpoint.write_atomically", fill_disk)
        with pytest.raises(UserError) as caught:
            start_run(config, tmp_path, progress)
    (record,) = list_runs(tmp_path)
    assert str(caught.value) == (
        f"the checkpoint of step 8 could not be written to {record.folder} (No space left on device); "
        f"its last checkpoint is kept; go on with: chainrule train --resume {record.folder}"
    )
    assert record.reached_step() == 4
    resume_run(record, progress)
    require_same(record, finished)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX's")
def test_after_the_system_refused_a_large_file(
    config: Config, finished: Record, tmp_path: Path, progress: PlainProgress
) -> None:
    process = start(train_limited, config.to_json(), tmp_path / "runs", told=tmp_path)
    process.join()
    assert process.exitcode == 1
    assert "the checkpoint of step 4 could not be written" in (tmp_path / "stderr").read_text()
    (record,) = list_runs(tmp_path / "runs")
    resume_run(record, progress)
    require_same(record, finished)


def test_a_finished_run_is_left_as_it_is(finished: Record, progress: PlainProgress) -> None:
    before = {path: path.stat().st_mtime_ns for path in finished.folder.iterdir()}
    resume_run(finished, progress)
    assert {path: path.stat().st_mtime_ns for path in finished.folder.iterdir()} == before


def test_a_damaged_checkpoint_is_told(config: Config, tmp_path: Path, progress: PlainProgress) -> None:
    with pytest.raises(Interrupted):
        start_run(config, tmp_path, StoppedAt(9))
    (record,) = list_runs(tmp_path)
    path = record.path("checkpoint")
    path.write_bytes(path.read_bytes()[:-9] + b"something")
    with pytest.raises(UserError, match=r"checkpoint\.safetensors is damaged"):
        resume_run(record, progress)


def test_a_checkpoint_of_another_network_is_told(
    config: Config, finished: Record, tmp_path: Path, progress: PlainProgress
) -> None:
    record = Record.create(tmp_path, config.with_settings(["hidden=5"]), finished.environment)
    record.path("checkpoint").write_bytes(finished.path("checkpoint").read_bytes())
    record.path("metrics").write_bytes(finished.path("metrics").read_bytes())
    with pytest.raises(
        UserError, match=r"checkpoint\.safetensors belongs to other settings than those of .*config\.json"
    ):
        resume_run(record, progress)


@pytest.mark.parametrize("edited", ["seed=4", "lr=0.5", "batch_size=7", "dtype=float64"])
def test_a_run_whose_settings_were_edited_does_not_go_on(
    edited: str, config: Config, finished: Record, tmp_path: Path, progress: PlainProgress
) -> None:
    record = Record.create(tmp_path, config.with_settings([edited]), finished.environment)
    record.path("checkpoint").write_bytes(finished.path("checkpoint").read_bytes())
    record.path("metrics").write_bytes(finished.path("metrics").read_bytes())
    with pytest.raises(UserError, match="belongs to other settings"):
        resume_run(record, progress)


def test_what_no_number_of_a_run_follows_from_may_be_edited(config: Config) -> None:
    assert config.with_settings(["checkpoint_every=7"]).fingerprint == config.fingerprint
    assert config.with_settings(["hidden=5"]).fingerprint != config.fingerprint


def test_a_run_that_diverged_is_not_repeated(config: Config, tmp_path: Path, progress: PlainProgress) -> None:
    record = Record.create(tmp_path, config, {})
    record.save_result({"state": "diverged", "step": 3, "reason": "the loss became nan at step 3"})
    with pytest.raises(UserError, match="would diverge again: the loss became nan at step 3; start another run"):
        resume_run(record, progress)


def test_a_run_is_not_resumed_twice_at_once(finished: Record, progress: PlainProgress) -> None:
    with finished.lock(), pytest.raises(UserError, match="is running in another process"):
        resume_run(Record(finished.folder), progress)
