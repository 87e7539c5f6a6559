"""The network that reads images row by row: the same in NumPy and in PyTorch, step after step."""

from dataclasses import replace

import numpy as np
import pytest
from tests.contracts.tolerance import assert_close

from chainrule import data, nets
from chainrule.check.model.tolerance import PYTORCH
from chainrule.train import Config
from chainrule.train.learners.build import build_learner
from chainrule.train.records.checkpoint import Checkpoint

pytest.importorskip("torch")


@pytest.mark.torch
@pytest.mark.parametrize("norm", [None, "layer", "batch"])
def test_both_backends_take_the_same_ten_steps(norm):
    split = data.load("digits").train
    config = Config(network="rnn", hidden=(9,), norm=norm, optimizer="adam", inputs="unit", dtype="float64", lr=0.01)
    ours, theirs = (build_learner(replace(config, backend=backend), split, 10) for backend in ("numpy", "torch"))
    theirs.load_state(Checkpoint({f"network.{name}": array for name, array in ours.weights().items()}, {}))
    for start in range(0, 120, 12):
        images, labels = split.images[start : start + 12], split.labels[start : start + 12]
        loss, right = ours.step(images, labels)
        expected, as_many = theirs.step(images, labels)
        assert_close(loss, expected, PYTORCH, "loss")
        assert right == as_many
    for name, array in theirs.weights().items():
        assert_close(ours.weights()[name], array, 1e-8, name)  # Adam divides gradients of 1e-8 by themselves
    assert_close(ours.evaluate(split), theirs.evaluate(split), 1e-8, "evaluation")


def test_the_rows_are_the_steps():
    net = nets.RowRNN((2, 3, 4), 5, 6, dtype=np.float64)
    X = np.random.default_rng(0).normal(size=(7, 2, 3, 4))
    logits, _ = net.forward(X)
    rows = np.stack([np.concatenate([X[:, 0, h], X[:, 1, h]], axis=1) for h in range(3)], axis=1)
    states, _ = net.rnn.forward(rows)
    np.testing.assert_array_equal(logits, states[:, -1] @ net.linear.weight.T + net.linear.bias)
    np.testing.assert_array_equal(net.forward(X.reshape(7, 24))[0], logits)


def test_images_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"X has shape \(7, 3, 2, 4\), but must hold images of shape \(2, 3, 4\)"):
        nets.RowRNN((2, 3, 4), 5, 6).forward(np.ones((7, 3, 2, 4)))
