"""The learner in NumPy alone: chainrule's own networks, loss and optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import layers, nets, optim
from chainrule.data import Split
from chainrule.data.augmentation import list_views, require_shift
from chainrule.train.config import CONVOLUTIONAL, Config
from chainrule.train.learners.inputs import prepare_inputs
from chainrule.train.learners.learner import (
    Images,
    Targets,
    build_average,
    build_network,
    build_optimizer,
    count_right,
    describe_average,
    exchanged,
    join_places,
    join_states,
    restore_average,
    seed_generator,
    select_state,
    whiten_network,
)
from chainrule.train.learners.memory import allocate_on_large_pages
from chainrule.train.ranks import Ranks
from chainrule.train.records.checkpoint import Arrays, Checkpoint

CHUNK = {"mlp": 500, "rnn": 500, "convnet": 100, "whitened": 500, "transformer": 100}  # images evaluated at a time


class Optimizers:
    """Those of `chainrule.optim`, which take named arrays as they are."""

    SGD, Adam, AdamW, Muon, Combined = optim.SGD, optim.Adam, optim.AdamW, optim.Muon, optim.Combined

    @staticmethod
    def select(named: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Return them."""
        return named


class NumpyLearner:
    """A network with its loss and optimizer, for the images or the text of a training split."""

    device = "cpu"
    ranks = Ranks()

    def __init__(self, config: Config, train: Split, classes: int) -> None:
        self.rng = seed_generator(config, "network")
        self.inputs = prepare_inputs(config.inputs, train, config.dtype)
        self.of_text = config.network == "transformer"
        self.views = (config.mirror, config.moved, config.places)
        require_shift("moved", config.moved, train.images.shape[1:])
        self.net = build_network(nets, config, train.images.shape[1:], classes, rng=self.rng, dtype=config.dtype)
        whiten_network(self.net, config, self.inputs, train)
        self.head = layers.Softmax() if config.head == "softmax" else None
        self.loss = layers.CrossEntropyLoss(label_smoothing=config.label_smoothing)
        self.optimizer = build_optimizer(Optimizers, config, self.net.params)
        self.average = build_average(config, {**self.net.params, **self.net.buffers})
        self.shape = train.images.shape[1:] if config.network in CONVOLUTIONAL else (train.images[0].size,)
        self.chunk, self.batch_size = CHUNK[config.network], config.batch_size
        self._buffer = np.empty((0, train.images[0].size), config.dtype)

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return self.optimizer.lr

    @lr.setter
    def lr(self, value: float) -> None:
        self.optimizer.lr = value

    @property
    def momentum(self) -> float:
        """The momentum of the next step."""
        return float(getattr(self.optimizer, "momentum", 0.0))

    @momentum.setter
    def momentum(self, value: float) -> None:
        self.optimizer.momentum = value

    def step(self, images: Images, targets: Targets) -> tuple[float, int]:
        """Learn from a batch; return its mean loss and the number classified right, both before the update."""
        X = self._write_inputs(images)
        logits, caches = self.net.forward(X)
        shape, logits, targets = logits.shape, *join_places(logits, targets)
        Y, head_cache = self.head.forward(logits) if self.head else (logits, logits)
        value, cache = self.loss.forward(Y, targets)
        dY = self.loss.backward(cache)
        dlogits = self.head.backward(dY, head_cache)[0] if self.head else dY
        self.optimizer.step(self.net.consume(dlogits.reshape(shape), caches))
        if self.average is not None:
            self.average.update()
        return float(value), count_right(Y, targets)

    def _write_inputs(self, images: Images) -> NDArray[Any]:
        if len(self._buffer) != len(images):
            self._buffer = allocate_on_large_pages((len(images), self._buffer.shape[1]), self._buffer.dtype)
        return self._shape(self._read(images, self._buffer))

    def _read(self, images: Images, out: NDArray[Any]) -> NDArray[Any]:
        """Return inputs (B, M), written into `out`; of text the characters themselves."""
        return images.reshape(len(images), -1) if self.of_text else self.inputs.write(images, out)

    def _shape(self, X: NDArray[Any]) -> NDArray[Any]:
        """Return inputs (B, M) in the shape that the network takes: (B, C, H, W) for a CNN."""
        return X.reshape(len(X), *self.shape)

    def evaluate(self, split: Split, mode: str = "evaluation") -> tuple[float, float]:
        """Return the mean cross-entropy (not smoothed) over a split, and the share that is classified right."""
        with exchanged(self.average):
            return self._evaluate(split, mode)

    def _evaluate(self, split: Split, mode: str) -> tuple[float, float]:
        measure = layers.CrossEntropyLoss()
        chunk = self.batch_size if mode == "training" else self.chunk
        X = np.empty((chunk, self._buffer.shape[1]), self._buffer.dtype)
        loss, right = 0.0, 0
        kept = {name: array.copy() for name, array in self.net.state_dict().items()} if mode == "training" else {}
        if mode == "evaluation":
            self.net.eval()
        for start in range(0, len(split.labels), chunk):
            images, labels = split.images[start : start + chunk], split.labels[start : start + chunk]
            logits, labels = join_places(self._predict(images, X[: len(images)]), labels)
            loss += len(labels) * float(measure.forward(logits, labels)[0])
            right += count_right(logits, labels)
        if kept:  # the running statistics as training left them
            self.net.load_state_dict(kept)
        self.net.train()
        return loss / split.labels.size, right / split.labels.size

    def _predict(self, images: Images, X: NDArray[Any]) -> NDArray[Any]:
        """Return what the network ends in (B, K), the mean over the views of the images, by way of X (B, M)."""
        total: Any = 0
        for share, view in list_views(images, *self.views):
            output = self.net.forward(self._shape(self._read(view, X)))[0]
            total = total + share * (self.head.forward(output)[0] if self.head else output)
        return np.asarray(total)

    def close(self) -> None:
        """Do nothing: there are no other processes."""

    def weights(self) -> Arrays:
        """The parameters and buffers of the network under PyTorch's names."""
        with exchanged(self.average):
            return self.net.state_dict()

    def state(self) -> Checkpoint:
        """Weights, optimizer, average, and the generator that dropout draws from."""
        parts = {"network": self.net.state_dict(), "optimizer": self.optimizer.state_dict()}
        arrays = join_states(parts | describe_average(self.average))
        return Checkpoint(arrays, {"rng": self.rng.bit_generator.state})

    def load_state(self, state: Checkpoint) -> None:
        """Go on from a `state`."""
        self.net.load_state_dict(select_state(state.arrays, "network"))
        self.optimizer.load_state_dict(select_state(state.arrays, "optimizer"))
        restore_average(self.average, select_state(state.arrays, "average"))
        self.rng.bit_generator.state = state.values["rng"]
