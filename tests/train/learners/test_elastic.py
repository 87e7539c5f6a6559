"""Two nodes train together under torchrun's agents; what is killed on one is started again, and the run goes on."""

import os
import signal
import time
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from tests.train.learners.test_parallel import find_port
from tests.train.processes import PATIENCE, launch, run_chainrule, start

from chainrule.train import loop
from chainrule.train.records.folder import list_runs

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.slow]

NETWORK = ["backend=torch", "hidden=9-7", "dropout=0.25", "init=practical", "device=cpu"]
TRAINING = ["data=digits", "optimizer=adam", "lr=0.01", "batch_size=64", "steps=24", "checkpoint_every=5"]
SETTINGS = [f"--set={setting}" for setting in (*NETWORK, *TRAINING)]


def train(node: int, folder: Path) -> None:
    """Train; rank 1 kills itself once, before step 18, and the second node its agent too before step 23."""

    def take_step(training: loop.Training, original: Any = loop.take_step) -> Any:
        who = {17: os.environ["RANK"], 22: str(node)}.get(training.step)
        ended = folder / f"ended-{training.step}"
        if who == "1" and not ended.exists():
            ended.touch()
            if training.step == 22:
                os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        return original(training)

    loop.take_step = take_step
    run_chainrule("train", "mlp-numpy", "--continue", "--runs", str(folder / "runs"), *SETTINGS)


def start_node(number: int, port: str, folder: Path, told: str) -> BaseProcess:
    """Start a node of two, each with one process; the first holds the place where they meet."""
    quick = {"is_host": int(number == 0), "timeout": 120, "keep_alive_interval": 1, "keep_alive_max_attempt": 3}
    meeting = {"run_id": "pair", "rdzv_endpoint": f"localhost:{port}", "rdzv_configs": quick}
    nodes = {"min_nodes": 2, "max_nodes": 2, "nproc_per_node": 1, "max_restarts": 3}
    alone = {"TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
    return start(launch, {**nodes, **meeting}, train, number, folder, told=folder / told, environment=alone)


def read_told(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.glob("told-*/*")))


def test_a_process_then_a_node_that_are_killed_are_started_again_and_the_run_goes_on(tmp_path: Path) -> None:
    port = find_port()
    nodes = [start_node(number, port, tmp_path, f"told-{number}") for number in (0, 1)]
    died = time.monotonic() + PATIENCE
    while all(node.is_alive() for node in nodes) and time.monotonic() < died:
        time.sleep(0.2)
    told = read_told(tmp_path)
    assert "going on after step 15" in told, told
    assert [node.exitcode for node in nodes] == [None, -signal.SIGKILL], told
    nodes[1] = start_node(1, port, tmp_path, "told-1-again")
    for node in nodes:
        node.join(PATIENCE)
    told = read_told(tmp_path)
    assert [node.exitcode for node in nodes] == [0, 0], told
    assert {path.name for path in tmp_path.glob("ended-*")} == {"ended-17", "ended-22"}
    (record,) = list_runs(tmp_path / "runs")
    assert record.state() == "finished", told
    assert "going on after step 20" in told
