"""Two processes train as one does, with one record, which a killed process leaves fit to go on from."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from chainrule import data
from chainrule.train.config import Config
from chainrule.train.progress import PlainProgress
from chainrule.train.records.checkpoint import load_checkpoint
from chainrule.train.records.folder import list_runs
from chainrule.train.records.record import Record
from chainrule.train.runs import start_run

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

from chainrule.train.learners.torch_learner import TorchLearner  # noqa: E402 - not without torch

PATIENCE = 90  # seconds
COMMAND = "torchrun --nproc-per-node 2 -m chainrule"

GRADIENTS = """
import sys
import numpy as np
from chainrule import data
from chainrule.train.config import Config
from chainrule.train.learners.torch_learner import TorchLearner

split = data.load("digits").train
learner = TorchLearner(Config.from_json(sys.argv[1]), split, 10)
loss, right = learner.step(split.images[:64], split.labels[:64])
grads = {name: parameter.grad.numpy() for name, parameter in learner.net.named_parameters()}
np.savez(f"{sys.argv[2]}/{learner.ranks.rank}.npz", loss=loss, right=right, test=learner.evaluate(split), **grads)
learner.close()
"""

# `chainrule`, in which the process of the rank that SIGNALLED names sends itself SIGNAL before step 18.
TRAIN = """
import os, signal
from chainrule.cli import main
from chainrule.train import loop

def take_step(training, original=loop.take_step):
    if training.step == 17 and os.environ["RANK"] == os.environ.get("SIGNALLED"):
        os.kill(os.getpid(), signal.Signals[os.environ["SIGNAL"]])
    return original(training)

loop.take_step = take_step
main()
"""


@pytest.fixture
def settings() -> list[str]:
    """A run of a second that uses every kind of state."""
    network = ["backend=torch", "hidden=9-7", "dropout=0.25", "norm=batch", "init=practical"]
    return [*network, "data=digits", "optimizer=adam", "lr=0.01", "batch_size=64", "steps=24", "checkpoint_every=5"]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def run_pair(*arguments: str) -> list[subprocess.CompletedProcess[str]]:
    """Run Python twice with these arguments, as torchrun would: ranks 0 and 1 of two."""
    common = {**os.environ, "OMP_NUM_THREADS": "1", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    common |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(find_port())}
    processes = [
        subprocess.Popen(
            [sys.executable, *arguments],
            env={**common, "RANK": rank, "LOCAL_RANK": rank},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in ("0", "1")
    ]
    try:
        outputs = [process.communicate(timeout=PATIENCE) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return [
        subprocess.CompletedProcess(process.args, process.returncode, *output)
        for process, output in zip(processes, outputs, strict=True)
    ]


def train_pair(runs: Path, *arguments: str) -> list[subprocess.CompletedProcess[str]]:
    return run_pair("-c", TRAIN, "train", "--runs", str(runs), *arguments)


def test_gradients_are_those_of_one_process_with_the_whole_batch(tmp_path: Path) -> None:
    config = Config(backend="torch", hidden=(13, 11), norm="layer", dtype="float64", batch_size=64, device="cpu")
    pair = run_pair("-c", GRADIENTS, config.to_json(), str(tmp_path))
    assert [done.returncode for done in pair] == [0, 0], pair
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
    pair = train_pair(tmp_path, "mlp-torch", *(f"--set={setting}" for setting in settings))
    assert [done.returncode for done in pair] == [0, 0], pair
    assert pair[1].stdout == ""
    (record,) = list_runs(tmp_path)
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


def test_all_processes_stop_after_the_step_in_which_one_was_asked_to(
    settings: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNALLED", "1")
    monkeypatch.setenv("SIGNAL", "SIGINT")
    pair = train_pair(tmp_path, "mlp-numpy", *(f"--set={setting}" for setting in settings))
    assert [done.returncode for done in pair] == [130, 130], pair
    (record,) = list_runs(tmp_path)
    sentence = f"stopped after step 18; go on with: {COMMAND} train --resume {record.folder}\n"
    assert [done.stderr for done in pair] == [sentence, ""]
    assert (record.state(), record.reached_step()) == ("interrupted", 18)


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["0", "1"])
def test_a_killed_process_ends_the_run_which_then_goes_on_to_the_same_weights(
    settings: list[str], tmp_path: Path, killed: str
) -> None:
    changes = [f"--set={setting}" for setting in settings]
    assert [done.returncode for done in train_pair(tmp_path / "reference", "mlp-numpy", *changes)] == [0, 0]
    (reference,) = list_runs(tmp_path / "reference")

    script = tmp_path / "train.py"
    script.write_text(TRAIN)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script)]
    ended = subprocess.run(
        [*torchrun, "train", "mlp-numpy", "--runs", str(tmp_path / "killed"), *changes],
        env={**os.environ, "OMP_NUM_THREADS": "1", "SIGNALLED": killed, "SIGNAL": "SIGKILL"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 1
    (record,) = list_runs(tmp_path / "killed")
    sentence = f"another process of this run has ended; go on with: {COMMAND} train --resume {record.folder}"
    assert ended.stderr.splitlines().count(sentence) == 1
    assert (record.state(), record.reached_step()) == ("interrupted", 15)

    resumed = train_pair(tmp_path / "killed", "--resume", record.name)
    assert [done.returncode for done in resumed] == [0, 0], resumed
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
