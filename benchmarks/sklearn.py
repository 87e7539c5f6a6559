"""Epochs of `fit`: chainrule's MLPClassifier beside scikit-learn's own, with the same settings, on the same array.

    python -m benchmarks.sklearn

The shapes are those of `benchmarks.step`: row 1.2 of the practical (one hidden layer of 100, SGD) and its tuned MLP
(300-500-100, Adam); 4,000 pictures of CIFAR-10's size as float32, batches of 200. Both have all that they do by
default: momentum, the L2 term, the loss of every batch.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable

import numpy as np

from benchmarks.step import BATCH, SHAPES, make_sklearn
from benchmarks.tables import Row, print_table
from benchmarks.turns import THREADS, measure, ratio, serve_turns

TITLE = "Three epochs of `fit` over 4,000 pictures in float32, batch 200"
KINDS = ("chainrule", "scikit-learn")
PICTURES, EPOCHS = 4_000, 3
TARGETS = {"mlp-numpy": "≥ 1.3 ×", "mlp-tuned": "≥ 2 ×"}


def fit(kind: str, shape: str) -> Callable[[], object]:
    """Three epochs of one of both."""
    from chainrule.sklearn import MLPClassifier

    warnings.simplefilter("ignore")  # that so few epochs are too few
    rng = np.random.default_rng(0)
    X = rng.integers(0, 256, (PICTURES, 3072)).astype(np.float32)
    X -= X.mean(axis=0)
    y = rng.integers(0, 10, PICTURES)
    theirs = make_sklearn(shape, max_iter=EPOCHS, random_state=0)
    model = theirs if kind == "scikit-learn" else MLPClassifier(**theirs.get_params())
    return lambda: model.fit(X, y)


def main() -> list[Row]:
    """Measure both shapes, print and return the rows."""
    rows = []
    for shape in SHAPES:
        ours, theirs = measure("benchmarks.sklearn", [f"{kind}:{shape}" for kind in KINDS], rounds=8).values()
        steps = EPOCHS * PICTURES / BATCH
        rows += [
            Row(f"{shape}: chainrule, a step", f"{ours.seconds / steps * 1e3:.2f} ms", ""),
            Row(f"{shape}: scikit-learn, a step", f"{theirs.seconds / steps * 1e3:.2f} ms", ""),
            Row(f"{shape}: speed against scikit-learn", f"{ratio(theirs, ours):.2f} ×", TARGETS[shape]),
        ]
    print_table(f"{TITLE}, {THREADS} threads", rows)
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    contender = parser.parse_args().contender
    if contender:
        serve_turns(fit(*contender.split(":")))
    else:
        main()
