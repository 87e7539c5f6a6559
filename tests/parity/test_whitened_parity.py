"""The network on whitened patches, trained by both learners: outputs, running statistics and ten steps in float64."""

from dataclasses import replace

import numpy as np
import pytest

from chainrule.data import Split
from chainrule.experiments import convnet_94
from chainrule.train import Config

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
from chainrule.train.learners.numpy_learner import NumpyLearner  # noqa: E402
from chainrule.train.learners.torch_learner import TorchLearner  # noqa: E402

AVERAGES = [{}, {"tail": 0.3}, {"ema": 0.7}, {"lookahead": 3}]
WHITENED = {"network": "whitened", "width": 3, "init": "dirac"}
MLP = {"network": "mlp", "hidden": (9, 7), "norm": "batch", "components": 11}
GRID = {"network": "mlp", "hidden": (32,), "blocks": 2, "norm": "batch", "grid": 2, "window": 6}
MUON = {"optimizer": "muon", "lr": 0.1, "momentum": 0.6, "nesterov": True, "fixed_norm": True, "newton_schulz": 3}


def draw_split():
    rng = np.random.default_rng(0)
    return Split(rng.integers(0, 256, (60, 3, 10, 9), dtype=np.uint8), rng.integers(0, 4, 60))


def make_both(**settings):
    config = Config(steps=10, batch_size=12, dtype="float64", label_smoothing=0.2, inputs="standardised", **settings)
    split = draw_split()
    mine, theirs = NumpyLearner(config, split, 4), TorchLearner(replace(config, backend="torch"), split, 4)
    theirs.net.load_state_dict({name: torch.tensor(array) for name, array in mine.net.state_dict().items()})
    for average in (mine.average, theirs.average):
        if average is not None:
            average.load({n: torch.tensor(a) if average is theirs.average else a for n, a in copy(mine).items()}, 0)
    return mine, theirs, split


def copy(learner):
    return {name: array for name, array in learner.net.state_dict().items() if "num_batches" not in name}


def assert_alike(mine, theirs):
    expected = theirs.weights()
    for name, array in mine.weights().items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-7, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("average", AVERAGES, ids=str)
@pytest.mark.parametrize("network", [WHITENED, MLP, GRID], ids=["whitened", "mlp", "mlp on a grid"])
@pytest.mark.parametrize("rest", [{"rest": "sgd", "rest_lr": 0.3, "rest_momentum": 0.85}, {"rest_decay": 0.1}], ids=str)
def test_ten_steps_of_both_learners_agree(network, rest, average):
    mine, theirs, split = make_both(**network, **MUON, **rest, **average)
    rng = np.random.default_rng(1)
    for step in range(10):
        chosen = rng.integers(0, 60, 12)
        for learner in (mine, theirs):
            learner.lr, learner.momentum = 0.1 / (1 + step), 0.6 - 0.02 * step
        losses = [learner.step(split.images[chosen], split.labels[chosen]) for learner in (mine, theirs)]
        assert losses[0] == pytest.approx(losses[1], rel=1e-8)
    assert_alike(mine, theirs)
    assert mine.evaluate(split) == pytest.approx(theirs.evaluate(split), rel=1e-8)


@pytest.mark.parametrize("places", ["nine", "three"])
def test_views_are_averaged_alike(places):
    mine, theirs, split = make_both(**WHITENED, mirror=True, moved=1, places=places)
    assert mine.evaluate(split) == pytest.approx(theirs.evaluate(split), rel=1e-8)


def test_the_experiment_has_a_network_whitened_alike_on_both_sides():
    config = replace(convnet_94().config, width=2, batch_size=12)
    split = draw_split()
    mine, theirs = NumpyLearner(config, split, 4), TorchLearner(replace(config, backend="torch"), split, 4)
    np.testing.assert_allclose(
        mine.weights()["whitening.weight"], theirs.weights()["whitening.weight"], rtol=1e-5, atol=1e-6
    )
    assert mine.weights()["conv2a.weight"].shape == theirs.weights()["conv2a.weight"].shape
