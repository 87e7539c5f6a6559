"""One training step of the practical's CNN, drawing the batch included: the fast setting beside the plain one.

    python -m benchmarks.convnet

The step is the training loop's own, at the published settings of row 4 but for the batch. The pictures are random
numbers: a step takes as long on them as on CIFAR-10.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from benchmarks.step import make_split
from benchmarks.tables import Row, print_table
from benchmarks.turns import THREADS, measure, ratio, serve_turns

TITLE = "One training step of the CNN, drawing the batch included"
SPEEDS = ("plain", "fast")
TARGETS = {32: "≥ 1.2 ×", 128: "≥ 1.3 ×"}  # by batch
ROUNDS = {32: 16, 128: 10}


def make_step(speed: str, batch: int) -> Callable[[], object]:
    """The training loop's own step."""
    from chainrule.data import Dataset
    from chainrule.experiments import find_experiment
    from chainrule.train.loop import Training, take_step

    settings = ["device=cpu", f"speed={speed}", f"batch_size={batch}"]
    split = make_split()
    dataset = Dataset("random", "a generator", tuple("0123456789"), split, split, {})
    training = Training.begin(find_experiment("convnet-torch").config.with_settings(settings), dataset)
    return lambda: take_step(training)


def measure_batch(batch: int) -> list[Row]:
    """Let both settings take turns of one step."""
    plain, fast = measure(
        "benchmarks.convnet", [f"{speed}:{batch}" for speed in SPEEDS], rounds=ROUNDS[batch], turn=0.0
    ).values()
    return [
        Row(f"batch {batch}: plain", f"{plain.seconds:.2f} s", ""),
        Row(f"batch {batch}: fast", f"{fast.seconds:.2f} s", ""),
        Row(f"batch {batch}: speed of fast against plain", f"{ratio(plain, fast):.2f} ×", TARGETS[batch]),
    ]


def main() -> list[Row]:
    """Measure both batches, print and return the rows."""
    rows = [row for batch in TARGETS for row in measure_batch(batch)]
    print_table(f"{TITLE}, {THREADS} threads", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    contender = parser.parse_args().contender
    if contender:
        speed, batch = contender.split(":")
        serve_turns(make_step(speed, int(batch)))
    else:
        main()
