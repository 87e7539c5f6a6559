"""One whole training step of the practical's CNN, forward, backward and Adam: NumPy beside PyTorch.

    python -m benchmarks.convnet_numpy --batches 32

Batches of 32 and 128 of random pictures, float32, the same settings on all sides. "im2col" is the NumPy network whose
3×3 convolutions are the textbook's. Memory is what the peak of a process rises by from
before the network is made to after three steps. Evaluation is of 10,000 pictures.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.tables import Row, print_table
from benchmarks.turns import THREADS, measure, ratio, serve_turns

TITLE = "One training step of the CNN in NumPy, beside PyTorch's: forward, backward, Adam"
MODULE = "benchmarks.convnet_numpy"
LABELS = {
    "numpy": "chainrule, NumPy",
    "im2col": "chainrule, NumPy, im2col",
    "eager": "PyTorch eager",
    "channels-last": "PyTorch channels-last",
}
ROUNDS = {32: 10, 128: 4}  # by batch
TARGETS = {
    (32, "eager"): "≥ 1.8 ×",
    (128, "eager"): "≥ 2.4 ×",
    (32, "channels-last"): "≥ 0.8 ×",
    (32, "im2col"): "≥ 2 ×",
}
CHUNK = 100  # pictures evaluated at a time
IMAGES = 10_000


def draw(batch: int) -> tuple[Any, Any]:
    """Pictures minus their mean, and labels."""
    rng = np.random.default_rng(0)
    return rng.uniform(-128, 128, (batch, 3, 32, 32)).astype(np.float32), rng.integers(0, 10, batch)


def make_numpy(algorithm: str, batch: int, width: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """A step, and an evaluation, of chainrule's network."""
    from chainrule import layers, nets, optim

    net = nets.ConvNet(width=width, rng=np.random.default_rng(0), algorithm=algorithm)
    loss, optimizer, (X, labels) = layers.CrossEntropyLoss(), optim.Adam(net.params, lr=1e-4), draw(batch)

    def step() -> None:
        logits, caches = net.forward(X)
        _, cache = loss.forward(logits, labels)
        optimizer.step(net.consume(loss.backward(cache), caches))

    pictures, _ = draw(CHUNK)

    def evaluate() -> None:
        net.eval()
        for _ in range(IMAGES // CHUNK):
            net.forward(pictures)
        net.train()

    return step, evaluate


def make_torch(layout: str, batch: int, width: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """The same of the PyTorch counterpart."""
    import torch

    from chainrule.pytorch import ConvNet

    torch.set_num_threads(THREADS)
    order = torch.channels_last if layout == "channels-last" else torch.contiguous_format
    net = ConvNet(width=width).to(memory_format=order)
    loss, optimizer = torch.nn.CrossEntropyLoss(), torch.optim.Adam(net.parameters(), lr=1e-4)
    X, labels = (torch.tensor(array) for array in draw(batch))
    X, pictures = X.contiguous(memory_format=order), torch.tensor(draw(CHUNK)[0]).contiguous(memory_format=order)

    def step() -> None:
        optimizer.zero_grad()
        loss(net(X), labels).backward()
        optimizer.step()

    @torch.inference_mode()
    def evaluate() -> None:
        net.eval()
        for _ in range(IMAGES // CHUNK):
            net(pictures)
        net.train()

    return step, evaluate


def make(name: str, width: int = 64) -> Callable[[], object]:
    """What a contender does, given `side:batch:what`."""
    side, batch, what = name.split(":")
    if side in ("eager", "channels-last"):
        step, evaluate = make_torch(side, int(batch), width)
    else:
        step, evaluate = make_numpy("auto" if side == "numpy" else side, int(batch), width)
    return step if what == "step" else evaluate


def peak() -> float:
    """The most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def print_memory(side: str, batch: int) -> None:
    """In a process of its own: print how far three steps raise its peak."""
    make(f"{side}:2:step", width=2)()  # what the libraries take for themselves
    before = peak()
    step = make(f"{side}:{batch}:step")
    for _ in range(3):
        step()
    print(peak() - before)


def measure_memory(side: str, batch: int) -> float:
    """MB."""
    command = [sys.executable, "-m", MODULE, "--memory", f"{side}:{batch}"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measure_batch(batch: int) -> list[Row]:
    """Time of a step of each side, ratios, and memory."""
    sides = {side: f"{side}:{batch}:step" for side in LABELS if batch == 32 or side != "im2col"}
    found = measure(MODULE, list(sides.values()), rounds=ROUNDS[batch], turn=0.0)
    ours = found[sides["numpy"]]
    rows = [Row(f"batch {batch}: {LABELS[s]}", f"{found[name].seconds * 1e3:.0f} ms", "") for s, name in sides.items()]
    for side in list(sides)[1:]:
        figure = f"{ratio(found[sides[side]], ours):.2f} ×"
        rows.append(Row(f"batch {batch}: speed against {LABELS[side]}", figure, TARGETS.get((batch, side), "")))
    memory = {side: measure_memory(side, batch) for side in ("numpy", "eager")}
    figure = f"{memory['numpy'] / memory['eager']:.2f} × ({memory['numpy']:.0f} against {memory['eager']:.0f} MB)"
    return [*rows, Row(f"batch {batch}: peak memory against PyTorch eager", figure, "≤ 1.3 ×" if batch == 32 else "")]


def measure_evaluation() -> list[Row]:
    """Both sides on 10,000 pictures."""
    ours, theirs = measure(MODULE, ["numpy:2:evaluate", "eager:2:evaluate"], rounds=1, turn=0.0).values()
    return [
        Row("10,000 pictures evaluated: chainrule, NumPy", f"{ours.seconds:.1f} s", ""),
        Row("10,000 pictures evaluated: PyTorch eager", f"{theirs.seconds:.1f} s", ""),
        Row("10,000 pictures evaluated: speed against PyTorch eager", f"{ratio(theirs, ours):.2f} ×", "≥ 1 ×"),
    ]


def main(batches: tuple[int, ...] = (32, 128), evaluation: bool = True) -> list[Row]:
    """Measure, print and return the rows."""
    rows = [row for batch in batches for row in measure_batch(batch)] + (measure_evaluation() if evaluation else [])
    print_table(f"{TITLE}, {THREADS} threads", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    parser.add_argument("--batches", type=int, nargs="*", default=[32, 128], choices=[32, 128], help="which batches")
    parser.add_argument("--no-evaluation", action="store_true", help="leave the 10,000 pictures out")
    arguments = parser.parse_args()
    if arguments.contender:
        serve_turns(make(arguments.contender))
    elif arguments.memory:
        side, batch = arguments.memory.split(":")
        print_memory(side, int(batch))
    else:
        main(tuple(arguments.batches), not arguments.no_evaluation)
