import pytest

from chainrule.errors import UserError
from chainrule.experiments import EXPERIMENTS, find_experiment
from chainrule.train import Config

# The practical's settings (PRACTICAL.md, section 2), written a second time so that none changes unseen.
PUBLISHED = {
    "mlp-numpy": {
        "backend": "numpy",
        "network": "mlp",
        "hidden": (100,),
        "activation": "elu",
        "norm": None,
        "init": "practical",
        "optimizer": "sgd",
        "lr": 1e-3,
        "batch_size": 200,
        "steps": 1400,
        "eval_every": 100,
    },
    "mlp-torch": {
        "backend": "torch",
        "network": "mlp",
        "hidden": (100,),
        "activation": "elu",
        "norm": None,
        "init": "pytorch",
        "optimizer": "sgd",
        "lr": 1e-3,
        "batch_size": 200,
        "steps": 1400,
        "eval_every": 100,
    },
    "mlp-tuned": {
        "backend": "torch",
        "network": "mlp",
        "hidden": (300, 500, 100),
        "norm": "batch",
        "optimizer": "adam",
        "lr": 1e-4,
        "batch_size": 200,
        "steps": 3000,
    },
    "convnet-torch": {
        "backend": "torch",
        "network": "convnet",
        "optimizer": "adam",
        "lr": 1e-4,
        "batch_size": 32,
        "steps": 5000,
        "eval_every": 500,
    },
    "convnet-numpy": {
        "backend": "numpy",
        "network": "convnet",
        "width": 64,
        "optimizer": "adam",
        "lr": 1e-4,
        "batch_size": 32,
        "steps": 5000,
        "eval_every": 500,
    },
}
AS_RUN = {"head": "softmax", "tested": 200, "tested_in": "training", "eval_first": True}
PUBLISHED |= {f"{name}-as-run": {**PUBLISHED[name], **AS_RUN} for name in ("mlp-torch", "mlp-tuned")}
COMMON = {
    "data": "cifar10",
    "evaluate_on": "test",
    "inputs": "mean-image",
    "schedule": "constant",
    "momentum": 0.0,
    "weight_decay": 0.0,
    "label_smoothing": 0.0,
    "dropout": 0.0,
    "seed": 42,
    "dtype": "float32",
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_experiment_has_the_practicals_settings(name: str) -> None:
    config = find_experiment(name).config
    assert config.experiment == name
    for setting, value in {**COMMON, **PUBLISHED[name]}.items():
        assert getattr(config, setting) == value, setting


def test_the_published_figures_are_the_practicals() -> None:
    figures = {name: (make().published, make().expected) for name, make in EXPERIMENTS.items() if name in PUBLISHED}
    assert figures == {
        "mlp-numpy": (0.4886, 0.48),
        "mlp-torch": (None, None),
        "mlp-tuned": (None, 0.52),
        "mlp-torch-as-run": (0.41, None),
        "mlp-tuned-as-run": (0.555, None),
        "convnet-torch": (None, 0.79),
        "convnet-numpy": (None, 0.79),
    }


def test_an_unknown_experiment_is_told_with_the_close_and_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"no experiment 'mlp-nunpy' \(did you mean mlp-numpy\?\)") as caught:
        find_experiment("mlp-nunpy")
    assert all(name in str(caught.value) for name in EXPERIMENTS)


def test_each_experiment_is_made_anew() -> None:
    assert isinstance(find_experiment("mlp-numpy").config, Config)
    assert find_experiment("mlp-numpy") == find_experiment("mlp-numpy")
