"""A run looked into, and its network described without building it."""

import io
from pathlib import Path

import numpy as np
import pytest

from chainrule import nets
from chainrule.errors import UserError
from chainrule.train import Config, start_run
from chainrule.train.inspection import inspect_run
from chainrule.train.learners.learner import build_network
from chainrule.train.network import describe_layers
from chainrule.train.progress import make_progress
from chainrule.train.runs import load_dataset

CONFIGS = (
    ({}, (3, 32, 32)),
    ({"hidden": (30, 20), "norm": "batch", "dropout": 0.5}, (1, 8, 8)),
    ({"hidden": (30,), "blocks": 2, "norm": "layer"}, (1, 8, 8)),
    ({"hidden": (16,), "blocks": 1, "grid": 2, "window": 5, "norm": "batch"}, (3, 8, 8)),
    ({"network": "convnet", "width": 4}, (3, 32, 32)),
    ({"network": "rnn", "hidden": (16,)}, (1, 8, 8)),
    ({"network": "rnn", "hidden": (16,), "norm": "layer"}, (1, 8, 8)),
)


@pytest.mark.parametrize(("settings", "image"), CONFIGS)
def test_the_shapes_described_are_those_of_the_network(settings: dict, image: tuple[int, ...]) -> None:
    config = Config(**settings)
    built = build_network(nets, config, image, 10).params.values()
    described = describe_layers(config, image, 10)
    assert sorted(tuple(shape) for layer in described for shape in layer["shapes"]) == sorted(p.shape for p in built)
    assert sum(layer["parameters"] for layer in described) == sum(array.size for array in built)


def test_a_network_that_the_images_do_not_suit_is_refused_in_a_sentence() -> None:
    config = Config(hidden=(16,), grid=2, window=9)
    with pytest.raises(UserError, match=r"cifar10 does not suit these settings: window is 9, but .* from 16 to 32"):
        describe_layers(config, (3, 32, 32), 10)


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": (12, 9), "norm": "batch"},
        {"network": "rnn", "hidden": (9,)},
        {"hidden": (16,), "grid": 2, "norm": "layer"},
    ],
)
def test_a_run_shows_its_layers_and_where_it_errs(
    tmp_path: Path, settings: dict, capsys: pytest.CaptureFixture
) -> None:

    config = Config(data="digits", steps=30, eval_every=10, checkpoint_every=10, batch_size=50, **settings)
    record = start_run(config, tmp_path, make_progress(io.StringIO()))
    dataset = load_dataset(config)
    seen = inspect_run(record, dataset)
    assert seen["step"] == 30
    confusion = np.array(seen["confusion"])
    assert confusion.sum() == min(1000, len(dataset.test.labels))
    assert np.trace(confusion) / confusion.sum() == pytest.approx(record.metrics[-1]["test_accuracy"])
    assert all(each["is"] != each["taken"] for each in seen["worst"])
    assert len(seen["layers"]) == (len(config.hidden) if config.network == "mlp" else 0)
    assert seen["weights"].startswith("data:image/png;base64,") == (config.network == "mlp")
    record.path("weights").unlink()
    assert inspect_run(record, dataset) == seen, "the last checkpoint holds the same weights"
    record.path("checkpoint").unlink()
    with pytest.raises(UserError, match="no checkpoint yet"):
        inspect_run(record, dataset)
