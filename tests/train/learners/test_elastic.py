"""Two nodes train together under torchrun; what is killed on one is started again, and the run goes on."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.train.learners.test_parallel import find_port
from tests.train.processes import PATIENCE

from chainrule.train.records.folder import list_runs

pytest.importorskip("torch")
pytestmark = [pytest.mark.torch, pytest.mark.slow]

# `chainrule train`, in which rank 1 kills itself once, before step 18, and the second node its launcher before step 23.
TRAIN = """
import os, signal
from chainrule.cli import main
from chainrule.train import loop

def take_step(training, original=loop.take_step):
    who = {17: os.environ["RANK"], 22: os.environ["NODE"]}.get(training.step)
    ended = os.path.join(os.environ["ENDED"], f"ended-{training.step}")
    if who == "1" and not os.path.exists(ended):
        open(ended, "w").close()
        if training.step == 22:
            os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    return original(training)

loop.take_step = take_step
main()
"""
NETWORK = ["backend=torch", "hidden=9-7", "dropout=0.25", "init=practical", "device=cpu"]
TRAINING = ["data=digits", "optimizer=adam", "lr=0.01", "batch_size=64", "steps=24", "checkpoint_every=5"]
SETTINGS = [f"--set={setting}" for setting in (*NETWORK, *TRAINING)]


def start_node(number: int, port: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start a node of two, each with one process; the first holds the place where they meet."""
    meeting = ["--rdzv-backend", "c10d", "--rdzv-id", "pair", "--rdzv-endpoint", f"localhost:{port}"]
    quick = "timeout=120,keep_alive_interval=1,keep_alive_max_attempt=3"
    meeting += ["--rdzv-conf", f"is_host={int(number == 0)},{quick}", "--local-addr", "localhost"]
    nodes = ["--nnodes", "2", "--nproc-per-node", "1", "--max-restarts", "3", "--monitor-interval", "0.2"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", *nodes, *meeting, str(folder / "train.py")]
    known = {"PYTHONPATH": os.pathsep.join(sys.path), "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
    with (folder / f"told-{number}").open("ab") as told:
        return subprocess.Popen(
            [*torchrun, "train", "mlp-numpy", "--continue", "--runs", str(folder / "runs"), *SETTINGS],
            env={**os.environ, **known, "ENDED": str(folder), "NODE": str(number)},
            stdout=told,
            stderr=told,
        )


def test_a_process_then_a_node_that_are_killed_are_started_again_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(TRAIN)
    port = find_port()
    nodes = [start_node(number, port, tmp_path) for number in (0, 1)]
    died = time.monotonic() + PATIENCE
    while all(node.poll() is None for node in nodes) and time.monotonic() < died:
        time.sleep(0.2)
    told = [(tmp_path / f"told-{number}").read_text() for number in (0, 1)]
    assert "going on after step 15" in told[0] + told[1], told
    assert [node.returncode for node in nodes] == [None, -signal.SIGKILL], told
    nodes[1] = start_node(1, port, tmp_path)
    for node in nodes:
        node.wait(PATIENCE)
    told = [(tmp_path / f"told-{number}").read_text() for number in (0, 1)]
    assert [node.returncode for node in nodes] == [0, 0], told
    assert {path.name for path in tmp_path.glob("ended-*")} == {"ended-17", "ended-22"}
    (record,) = list_runs(tmp_path / "runs")
    assert record.state() == "finished", told
    assert "going on after step 20" in told[0] + told[1]
