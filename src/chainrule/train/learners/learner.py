"""What the training loop needs: a network that learns from batches, and can be saved and restored."""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chainrule.data import Split
from chainrule.train.config import Config
from chainrule.train.learners.inputs import Inputs
from chainrule.train.ranks import Ranks
from chainrule.train.records.checkpoint import Arrays, Checkpoint

Images = NDArray[np.uint8]
Targets = NDArray[Any]  # labels (B), of text (B, T), or probabilities of the classes (B, K)
USES = ("network", "order", "augmentation")  # of random numbers; one more may be added at the end only


class Learner(Protocol):
    """A network, its loss and its optimizer, in one backend, on one device. `lr` may be set before each step.

    `ranks` are the processes that train it together, `inputs` what makes pixels its numbers.
    """

    device: str
    lr: float
    ranks: Ranks
    inputs: Inputs

    def step(self, images: Images, targets: Targets) -> tuple[float, int]:
        """Learn from images (B, C, H, W) and their targets; return mean loss and number right, before the update."""

    def evaluate(self, split: Split, mode: str = "evaluation") -> tuple[float, float]:
        """Return the mean cross-entropy over a split, and the share of it that is classified right.

        In mode "training" each batch, as large as those of training, is normalised by its own statistics; the running
        ones stay as they are.
        """

    def weights(self) -> Arrays:
        """Return the parameters and buffers under PyTorch's names."""

    def close(self) -> None:
        """Disconnect from the other processes, after the last step."""

    def state(self) -> Checkpoint:
        """Return all that the next steps depend on: weights, optimizer, random generators."""

    def load_state(self, state: Checkpoint) -> None:
        """Restore a `state`. Raises KeyError or ValueError if it belongs to another network."""


def build_network(backend: Any, config: Config, shape: tuple[int, ...], classes: int, **options: Any) -> Any:
    """Return the network that a config names, for images (C, H, W).

    backend: `chainrule.nets` or `chainrule.pytorch`, which have classes of the same names.  options: of these classes.
    """
    if config.network == "convnet":
        return backend.ConvNet(shape[0], classes, width=config.width, **options)
    if config.network == "transformer":
        sizes = {"heads": config.heads, "blocks": config.blocks, "dropout": config.dropout}
        return backend.Transformer(classes, config.width, **sizes, **options)
    if config.network == "rnn":
        return backend.RowRNN(shape, config.hidden[0], classes, norm=config.norm, **options)
    chosen = {name: getattr(config, name) for name in ("activation", "norm", "dropout", "blocks", "init")}
    return backend.MLP(math.prod(shape), config.hidden, classes, image=shape, **chosen, **options)


def build_optimizer(backend: Any, config: Config, params: Any, **options: Any) -> Any:
    """Return the optimizer that a config names, for parameters; `backend` is `chainrule.optim` or `torch.optim`."""
    options = {"lr": config.lr, "weight_decay": config.weight_decay, **options}
    if config.optimizer == "sgd":
        return backend.SGD(params, momentum=config.momentum, nesterov=config.nesterov, **options)
    return {"adam": backend.Adam, "adamw": backend.AdamW}[config.optimizer](params, **options)


def count_right(logits: Any, targets: Any) -> int:
    """Return how many are classified as their target says; a mixed target counts as its largest part."""
    labels = targets if targets.ndim == 1 else targets.argmax(1)
    return int((logits.argmax(1) == labels).sum())


def join_places(logits: Any, targets: Any) -> tuple[Any, Any]:
    """Return logits (B T, K) and labels (B T) of text, where each place is a sample; those of images as they are."""
    return (logits.reshape(-1, logits.shape[-1]), targets.reshape(-1)) if logits.ndim == 3 else (logits, targets)


def seed_generator(config: Config, use: str) -> np.random.Generator:
    """Return the generator for one of the USES of randomness: independent streams of one seed."""
    streams = np.random.SeedSequence(config.seed).spawn(len(USES))
    return np.random.default_rng(streams[USES.index(use)])


def join_states(parts: dict[str, Arrays]) -> Arrays:
    """Return the arrays of several parts in one mapping, each name prefixed with its part's."""
    return {f"{part}.{name}": array for part, arrays in parts.items() for name, array in arrays.items()}


def select_state(arrays: Arrays, part: str) -> Arrays:
    """Return one part of what `join_states` made, with the arrays' own names."""
    prefix = f"{part}."
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
