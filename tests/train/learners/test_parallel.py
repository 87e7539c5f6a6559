"""Two processes train as one does, with one record, which a killed process leaves fit to go on from."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from tests.train.processes import PATIENCE, launch, run_chainrule, start

from chainrule import data
from chainrule.train import loop
from chainrule.train.config import Config
from chainrule.train.progress import PlainProgress
from chainrule.train.records.checkpoint import load_checkpoint
from chainrule.train.records.folder import list_runs
from chainrule.train.records.record import Record
from chainrule.train.runs import start_run

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from chainrule.train.learners.torch_learner import TorchLearner  # noqa: E402 - not without torch

COMMAND = "torchrun --nproc-per-node 2 -m chainrule"


def train(*arguments: str) -> None:
    """Run `chainrule train`, in which the process of the rank that SIGNALLED names sends itself SIGNAL at step 18."""

    def take_step(training: loop.Training, original: Any = loop.take_step) -> Any:
        if training.step == 17 and os.environ["RANK"] == os.environ.get("SIGNALLED"):
            os.kill(os.getpid(), signal.Signals[os.environ["SIGNAL"]])
        return original(training)

    loop.take_step = take_step
    run_chainrule("train", *arguments)


def save_gradients(config: str, folder: Path) -> None:
    """Take one step as a rank of several; save its gradients and what it found."""
    split = data.load("digits").train
    learner = TorchLearner(Config.from_json(config), split, 10)
    loss, right = learner.step(split.images[:64], split.labels[:64])
    grads = {name: parameter.grad.numpy() for name, parameter in learner.net.named_parameters()}
    found = {"loss": loss, "right": right, "test": learner.evaluate(split)}
    np.savez(folder / f"{learner.ranks.rank}.npz", **found, **grads)
    learner.close()


class Done(NamedTuple):
    """How a process ended: its exit code, and what it printed."""

    code: int | None
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def settings() -> list[str]:
    """A run of a second that uses every kind of state."""
    network = ["backend=torch", "hidden=9-7", "dropout=0.25", "norm=batch", "init=practical"]
    training = ["data=digits", "optimizer=adam", "lr=0.01", "batch_size=64", "steps=24", "checkpoint_every=5"]
    return [f"--set={setting}" for setting in (*network, *training)]


def find_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def run_pair(folder: Path, function: Callable[..., None], *arguments: object, **signalled: str) -> list[Done]:
    """Call a function in two processes, ranks 0 and 1 of two, as torchrun would."""
    common = {"WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": find_port()}
    told = [folder / f"rank-{rank}" for rank in "01"]
    processes = []
    for rank, place in zip("01", told, strict=True):
        environment = {**common, **signalled, "RANK": rank, "LOCAL_RANK": rank}
        processes.append(start(function, *arguments, told=place, environment=environment))
    for process in processes:
        process.join(PATIENCE)
        process.kill()
        process.join()
    return [
        Done(process.exitcode, *((place / name).read_text() for name in ("stdout", "stderr")))
        for process, place in zip(processes, told, strict=True)
    ]


def train_pair(runs: Path, *arguments: str, **signalled: str) -> list[Done]:
    return run_pair(runs.parent / "told", train, "--runs", str(runs), *arguments, **signalled)


@pytest.mark.slow
def test_gradients_are_those_of_one_process_with_the_whole_batch(tmp_path: Path) -> None:
    config = Config(backend="torch", hidden=(13, 11), norm="layer", dtype="float64", batch_size=64, device="cpu")
    pair = run_pair(tmp_path, save_gradients, config.to_json(), tmp_path)
    assert [done.code for done in pair] == [0, 0], pair
    split = data.load("digits").train
    alone = TorchLearner(config, split, 10)
    loss, right = alone.step(split.images[:64], split.labels[:64])
    for rank in (0, 1):
        found = np.load(tmp_path / f"{rank}.npz")
        assert found["loss"] == pytest.approx(loss, abs=1e-10)
        assert found["right"] == right
        for name, parameter in alone.net.named_parameters():
            np.testing.assert_allclose(found[name], parameter.grad.numpy(), rtol=0, atol=1e-10, err_msg=name)
        np.testing.assert_allclose(found["test"], alone.evaluate(split), rtol=0, atol=1e-10)


def test_two_processes_have_one_record_like_that_of_one(tmp_path: Path, progress: PlainProgress) -> None:
    pytest.importorskip("tensorboard")
    settings = [
        "dtype=float64",
        "data=digits",
        "steps=20",
        "eval_every=10",
        "device=cpu",
        "batch_size=50",
        "flip=true",
        "shift=1",
        "mixup=0.3",
        "log=tensorboard",
    ]
    pair = train_pair(tmp_path / "runs", "mlp-torch", *(f"--set={setting}" for setting in settings))
    assert [done.code for done in pair] == [0, 0], pair
    assert pair[1].stdout == ""
    (record,) = list_runs(tmp_path / "runs")
    assert len(list(record.folder.glob("events.*"))) == 1
    assert record.environment["threads"]["processes"] == 2
    alone = start_run(record.config, tmp_path / "alone", progress)
    assert len(record.metrics) == len(alone.metrics) == 2
    for mine, theirs in zip(record.metrics, alone.metrics, strict=True):
        for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
            assert mine[name] == pytest.approx(theirs[name], abs=1e-10)
    weights = [load_weights(each) for each in (record, alone)]
    for name, array in weights[0].items():
        np.testing.assert_allclose(array, weights[1][name], rtol=0, atol=1e-10, err_msg=name)


def load_weights(record: Record) -> dict[str, np.ndarray]:
    return {
        name: array
        for name, array in load_checkpoint(record.path("checkpoint")).arrays.items()
        if name.startswith("learner.network.")
    }


def test_all_processes_stop_after_the_step_in_which_one_was_asked_to(settings: list[str], tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    pair = train_pair(runs, "mlp-numpy", *settings, SIGNALLED="1", SIGNAL="SIGINT")
    assert [done.code for done in pair] == [130, 130], pair
    (record,) = list_runs(runs)
    sentence = f"stopped after step 18; go on with: {COMMAND} train --resume {record.folder}\n"
    assert [done.stderr for done in pair] == [sentence, ""]
    assert (record.state(), record.reached_step()) == ("interrupted", 18)


@pytest.fixture(scope="module")
def reference(settings: list[str], tmp_path_factory: pytest.TempPathFactory) -> Record:
    """The run of two processes that nothing ended."""
    runs = tmp_path_factory.mktemp("reference") / "runs"
    assert [done.code for done in train_pair(runs, "mlp-numpy", *settings)] == [0, 0]
    return list_runs(runs)[0]


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["0", "1"])
def test_a_killed_process_ends_the_run_which_then_goes_on_to_the_same_weights(
    settings: list[str], reference: Record, tmp_path: Path, killed: str
) -> None:
    alone = {"min_nodes": 1, "max_nodes": 1, "nproc_per_node": 2, "max_restarts": 0, "rdzv_endpoint": "localhost:0"}
    signalled = {"SIGNALLED": killed, "SIGNAL": "SIGKILL"}
    arguments = ("mlp-numpy", "--runs", str(tmp_path / "killed"), *settings)
    node = start(launch, alone, train, *arguments, told=tmp_path / "told", environment=signalled)
    node.join(PATIENCE)
    assert node.exitcode == 1
    (record,) = list_runs(tmp_path / "killed")
    sentence = f"another process of this run has ended; go on with: {COMMAND} train --resume {record.folder}"
    assert (tmp_path / "told" / "stderr").read_text().splitlines().count(sentence) == 1
    assert (record.state(), record.reached_step()) == ("interrupted", 15)

    resumed = train_pair(tmp_path / "killed", "--resume", record.name)
    assert [done.code for done in resumed] == [0, 0], resumed
    assert record.path("weights").read_bytes() == reference.path("weights").read_bytes()


def test_several_seeds_are_trained_in_one_process_only(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "train", "mlp-torch", "--seeds", "2", "--runs", str(tmp_path)],
        env={**os.environ, "WORLD_SIZE": "2", "RANK": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (
        2,
        "several seeds are trained in one process only: start it without torchrun\n",
    )


@pytest.mark.slow
def test_the_command_of_the_help_trains_in_two_processes(settings: list[str], tmp_path: Path) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    told = subprocess.run(
        [*torchrun, "-m", "chainrule", "train", "mlp-numpy", "--runs", str(tmp_path), *settings, "--set=steps=5"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert told.returncode == 0, told
    (record,) = list_runs(tmp_path)
    assert (record.state(), record.environment["threads"]["processes"]) == ("finished", 2)
