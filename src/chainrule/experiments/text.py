"""A decoder that learns to write like Python's help: small enough for two cores and a few minutes."""

from __future__ import annotations

from collections.abc import Callable

from chainrule.experiments.experiment import Experiment
from chainrule.train import Config


def transformer_text() -> Experiment:
    """Two blocks of width 128, a character at a time, in NumPy or PyTorch."""
    config = Config(
        experiment="transformer-text",
        backend="numpy",
        network="transformer",
        width=128,
        heads=4,
        blocks=2,
        data="text",
        optimizer="adamw",
        lr=3e-3,
        weight_decay=0.01,
        schedule="one-cycle",
        batch_size=32,
        steps=1000,
        eval_every=100,
        checkpoint_every=100,
    )
    return Experiment(config, "a small decoder that predicts the next character of Python's help, in NumPy or PyTorch")


TEXT: dict[str, Callable[[], Experiment]] = {"transformer-text": transformer_text}
