"""What the training loop needs: a network that learns from batches, and can be saved and restored."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from chainrule.data import Split
from chainrule.errors import UserError
from chainrule.optim import Average, ExponentialAverage, Lookahead, TailAverage, list_hidden_matrices
from chainrule.train.config import Config
from chainrule.train.learners.inputs import Inputs
from chainrule.train.network import OF_AN_MLP
from chainrule.train.ranks import Ranks
from chainrule.train.records.checkpoint import Arrays, Checkpoint

Images = NDArray[np.uint8]
Targets = NDArray[Any]  # labels (B), of text (B, T), or probabilities of the classes (B, K)
WHITENED = {"whitened": 5000, "mlp": 50_000}  # training images, at most, that a network's whitening is measured on
USES = ("network", "order", "augmentation")  # of random numbers; one more may be added at the end only


class Learner(Protocol):
    """A network, its loss and its optimizer, in one backend, on one device. `lr` and `momentum`
    may be set before each step.

    `ranks` are the processes that train it together, `inputs` what makes pixels its numbers.
    """

    device: str
    lr: float
    momentum: float
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
    Raises UserError where the images do not suit it.
    """
    if config.network == "convnet":
        return backend.ConvNet(shape[0], classes, width=config.width, init=config.init, **options)
    if config.network == "whitened":
        try:
            return backend.WhitenedConvNet(shape, classes, width=config.width, init=config.init, **options)
        except ValueError as error:
            raise UserError(f"{config.data} does not suit network=whitened: {error}") from None
    if config.network == "transformer":
        sizes = {"heads": config.heads, "blocks": config.blocks, "dropout": config.dropout}
        return backend.Transformer(classes, config.width, **sizes, **options)
    if config.network == "rnn":
        return backend.RowRNN(shape, config.hidden[0], classes, norm=config.norm, **options)
    if config.components > math.prod(shape):
        raise UserError(f"components is {config.components:,}, but an image has {math.prod(shape):,} values")
    chosen = {name: getattr(config, name) for name in (*OF_AN_MLP, "init")}
    try:
        return backend.MLP(math.prod(shape), config.hidden, classes, image=shape, **chosen, **options)
    except ValueError as error:
        raise UserError(f"{config.data} does not suit these settings: {error}") from None


def whiten_network(net: Any, config: Config, inputs: Inputs, train: Split) -> None:
    """Make the first layer of a network that whitens images do so, as the first of the training images ask."""
    if config.network != "whitened" and not config.components:
        return
    images = train.images[: WHITENED[config.network]]
    X = inputs.write(images, np.empty((len(images), images[0].size), np.float32))
    net.whiten(X.reshape(images.shape) if config.network == "whitened" else X)


def build_optimizer(backend: Any, config: Config, params: dict[str, Any], **options: Any) -> Any:
    """Return the optimizer that a config names, for named parameters.

    backend: what has the optimizers by name and, as `select`, what makes named parameters what they take. Raises
    UserError where Muon has no matrix to work on.
    """
    options = {"lr": config.lr, "weight_decay": config.weight_decay, **options}
    if config.optimizer == "muon":
        return _build_muon(backend, config, params, options)
    params = backend.select(params)
    if config.optimizer == "sgd":
        return backend.SGD(params, momentum=config.momentum, nesterov=config.nesterov, **options)
    return {"adam": backend.Adam, "adamw": backend.AdamW}[config.optimizer](params, **options)


def _build_muon(backend: Any, config: Config, params: dict[str, Any], options: dict[str, Any]) -> Any:
    """Muon for the hidden matrices, or for all block-diagonal ones, and the config's `rest` for the rest."""
    stacks = [name for name, array in params.items() if len(array.shape) == 3]  # the blocks of an MLP on a grid
    hidden = stacks or list_hidden_matrices({name: tuple(array.shape) for name, array in params.items()})
    if not hidden:
        raise UserError(
            "optimizer=muon needs a hidden matrix, of a layer that is neither the first nor the last, but this network "
            "has none: give it another layer, or another optimizer"
        )
    muon = backend.Muon(
        backend.select({name: params[name] for name in hidden}),
        config.lr,
        config.momentum,
        config.nesterov,
        config.weight_decay,
        ns_steps=config.newton_schulz,
        fixed_norm=config.fixed_norm,
        stacked=bool(stacks),
    )
    others = backend.select({name: array for name, array in params.items() if name not in hidden})
    options = {**options, "lr": config.rest_lr, "weight_decay": config.rest_decay}
    if config.rest == "adamw":
        return backend.Combined(muon, backend.AdamW(others, **options))
    nesterov = config.rest_momentum > 0
    return backend.Combined(muon, backend.SGD(others, momentum=config.rest_momentum, nesterov=nesterov, **options))


def build_average(config: Config, arrays: dict[str, Any]) -> Average | None:
    """Return the average of weights that a config asks for, if any, over named parameters and buffers."""
    floating = {name: array for name, array in arrays.items() if "num_batches" not in name}
    if config.tail:
        return TailAverage(floating, config.steps, config.tail)
    if config.ema:
        return ExponentialAverage(floating, config.ema)
    return Lookahead(floating, config.lookahead) if config.lookahead else None


@contextmanager
def exchanged(average: Average | None) -> Iterator[None]:
    """Put the averages of the weights, if there are any, in their place for a while."""
    if average is not None:
        average.exchange()
    try:
        yield
    finally:
        if average is not None:
            average.exchange()


def describe_average(average: Average | None) -> dict[str, Arrays]:
    """Return what a checkpoint keeps of an average, of arrays or of tensors."""
    if average is None:
        return {}
    arrays = {
        name: mean if isinstance(mean, np.ndarray) else mean.cpu().numpy() for name, mean in average.means.items()
    }
    copies = {name: array.copy(order="C") for name, array in arrays.items()}
    return {"average": {"steps": np.array(average.steps), **copies}}


def restore_average(average: Average | None, arrays: Mapping[str, Any]) -> None:
    """Go on from what `describe_average` returned. Raises KeyError for that of other weights."""
    if average is not None:
        means = {name: array for name, array in arrays.items() if name != "steps"}
        average.load(means, int(arrays["steps"]))


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
