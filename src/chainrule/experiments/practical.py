"""The systems of the practical at their published settings: CIFAR-10, tested during training, last step reported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chainrule.errors import UserError, explain_unknown
from chainrule.experiments.beyond import BETTER
from chainrule.experiments.experiment import Experiment
from chainrule.experiments.text import TEXT
from chainrule.train import Config

# As the author's program has it: the network ends in a softmax, which the loss takes again, and the first 200 test
# images are evaluated alone, with the network in training mode, before the first step too.
AS_RUN: dict[str, Any] = {"head": "softmax", "tested": 200, "tested_in": "training", "eval_first": True}


def mlp_numpy() -> Experiment:
    """Row 1.2: an MLP with one hidden layer of 100, in NumPy alone."""
    config = Config(
        experiment="mlp-numpy",
        backend="numpy",
        network="mlp",
        hidden=(100,),
        activation="elu",
        init="practical",
        optimizer="sgd",
        lr=1e-3,
        batch_size=200,
        steps=1400,
        eval_every=100,
        checkpoint_every=100,
        seed=42,
    )
    return Experiment(config, "the MLP in NumPy alone, hidden layer of 100, SGD", published=0.4886, expected=0.48)


def mlp_torch() -> Experiment:
    """Row 2.1 default: the same MLP and settings in PyTorch, with PyTorch's default initialisation."""
    config = replace(mlp_numpy().config, experiment="mlp-torch", backend="torch", init="pytorch")
    return Experiment(config, "the same MLP in PyTorch, PyTorch's initialisation")


def mlp_tuned() -> Experiment:
    """Row 2.1 tuned: three hidden layers with batch normalisation, trained with Adam."""
    config = Config(
        experiment="mlp-tuned",
        backend="torch",
        network="mlp",
        hidden=(300, 500, 100),
        activation="elu",
        norm="batch",
        optimizer="adam",
        lr=1e-4,
        batch_size=200,
        steps=3000,
        eval_every=100,
        checkpoint_every=100,
        seed=42,
    )
    return Experiment(config, "the MLP in PyTorch, 300-500-100 with batch normalisation, Adam", expected=0.52)


def mlp_torch_as_run() -> Experiment:
    """Row 2.1 default as the published figure was measured: softmax twice, one batch of 200 test images."""
    config = replace(mlp_torch().config, experiment="mlp-torch-as-run", **AS_RUN)
    return Experiment(
        config, "row 2.1 default as it was run: softmax twice, 200 test images", published=0.41, published_images=200
    )


def mlp_tuned_as_run() -> Experiment:
    """Row 2.1 tuned as the published figure was measured: softmax twice, one batch of 200 test images."""
    config = replace(mlp_tuned().config, experiment="mlp-tuned-as-run", **AS_RUN)
    return Experiment(
        config, "row 2.1 tuned as it was run: softmax twice, 200 test images", published=0.555, published_images=200
    )


def convnet_torch() -> Experiment:
    """Row 4: a VGG-13 with pre-activation residual blocks, in PyTorch."""
    config = Config(
        experiment="convnet-torch",
        backend="torch",
        network="convnet",
        speed="fast",
        optimizer="adam",
        lr=1e-4,
        batch_size=32,
        steps=5000,
        eval_every=500,
        checkpoint_every=250,
        seed=42,
    )
    return Experiment(config, "the CNN in PyTorch, VGG-13 with pre-activation blocks, Adam", expected=0.79)


def convnet_numpy() -> Experiment:
    """Row 4 in NumPy alone: the same network and settings."""
    config = replace(convnet_torch().config, experiment="convnet-numpy", backend="numpy", speed="plain")
    return Experiment(config, "the same CNN in NumPy alone", expected=0.79)


EXPERIMENTS = {
    "mlp-numpy": mlp_numpy,
    "mlp-torch": mlp_torch,
    "mlp-tuned": mlp_tuned,
    "mlp-torch-as-run": mlp_torch_as_run,
    "mlp-tuned-as-run": mlp_tuned_as_run,
    "convnet-torch": convnet_torch,
    "convnet-numpy": convnet_numpy,
    **BETTER,
    **TEXT,
}


def find_experiment(name: str) -> Experiment:
    """Return the experiment of that name. Raises UserError, with the names there are, for another."""
    if name not in EXPERIMENTS:
        raise UserError(explain_unknown("experiment", name, EXPERIMENTS))
    return EXPERIMENTS[name]()
