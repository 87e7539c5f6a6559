"""The learner in NumPy alone: chainrule's own networks, loss and optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import layers, nets, optim
from chainrule.data import Split
from chainrule.data.augmentation import list_views, require_shift
from chainrule.train.config import Config
from chainrule.train.learners.inputs import prepare_inputs
from chainrule.train.learners.learner import (
    Images,
    Targets,
    build_network,
    build_optimizer,
    count_right,
    join_states,
    seed_generator,
    select_state,
)
from chainrule.train.learners.memory import allocate_on_large_pages
from chainrule.train.ranks import Ranks
from chainrule.train.records.checkpoint import Arrays, Checkpoint

CHUNK = {"mlp": 500, "rnn": 500, "convnet": 100}  # images evaluated at a time


class NumpyLearner:
    """An MLP, RowRNN or ConvNet with its loss and optimizer, for the images of a training split."""

    device = "cpu"
    ranks = Ranks()

    def __init__(self, config: Config, train: Split, classes: int) -> None:
        self.rng = seed_generator(config, "network")
        self.inputs = prepare_inputs(config.inputs, train, config.dtype)
        self.mirror, self.moved = config.mirror, config.moved
        require_shift("moved", config.moved, train.images.shape[1:])
        self.net = build_network(nets, config, train.images.shape[1:], classes, rng=self.rng, dtype=config.dtype)
        self.loss = layers.CrossEntropyLoss(label_smoothing=config.label_smoothing)
        self.optimizer = build_optimizer(optim, config, self.net.params)
        self.shape = train.images.shape[1:] if config.network == "convnet" else (train.images[0].size,)
        self.chunk = CHUNK[config.network]
        self._buffer = np.empty((0, train.images[0].size), config.dtype)

    @property
    def lr(self) -> float:
        """The learning rate of the next step."""
        return self.optimizer.lr

    @lr.setter
    def lr(self, value: float) -> None:
        self.optimizer.lr = value

    def step(self, images: Images, targets: Targets) -> tuple[float, int]:
        """Learn from a batch; return its mean loss and the number classified right, both before the update."""
        X = self._write_inputs(images)
        logits, caches = self.net.forward(X)
        value, cache = self.loss.forward(logits, targets)
        grads = self.net.consume(self.loss.backward(cache), caches)
        self.optimizer.step(grads)
        return float(value), count_right(logits, targets)

    def _write_inputs(self, images: Images) -> NDArray[Any]:
        if len(self._buffer) != len(images):
            self._buffer = allocate_on_large_pages((len(images), self._buffer.shape[1]), self._buffer.dtype)
        return self._shape(self.inputs.write(images, self._buffer))

    def _shape(self, X: NDArray[Any]) -> NDArray[Any]:
        """Return inputs (B, M) in the shape that the network takes: (B, C, H, W) for a CNN."""
        return X.reshape(len(X), *self.shape)

    def evaluate(self, split: Split) -> tuple[float, float]:
        """Return the mean cross-entropy (not smoothed) over a split, and the share that is classified right."""
        measure = layers.CrossEntropyLoss()
        X = np.empty((self.chunk, self._buffer.shape[1]), self._buffer.dtype)
        loss, right = 0.0, 0
        self.net.eval()
        for start in range(0, len(split.labels), self.chunk):
            images, labels = split.images[start : start + self.chunk], split.labels[start : start + self.chunk]
            logits = self._predict(images, X[: len(images)])
            loss += len(labels) * float(measure.forward(logits, labels)[0])
            right += count_right(logits, labels)
        self.net.train()
        return loss / len(split.labels), right / len(split.labels)

    def _predict(self, images: Images, X: NDArray[Any]) -> NDArray[Any]:
        """Return the logits (B, K) of images, averaged over their views; X (B, M) is room for the inputs."""
        logits = [
            self.net.forward(self._shape(self.inputs.write(view, X)))[0]
            for view in list_views(images, self.mirror, self.moved)
        ]
        return np.mean(logits, axis=0) if len(logits) > 1 else logits[0]

    def close(self) -> None:
        """Do nothing: there are no other processes."""

    def weights(self) -> Arrays:
        """The parameters and buffers of the network under PyTorch's names."""
        return self.net.state_dict()

    def state(self) -> Checkpoint:
        """Weights, optimizer, and the generator that dropout draws from."""
        arrays = join_states({"network": self.net.state_dict(), "optimizer": self.optimizer.state_dict()})
        return Checkpoint(arrays, {"rng": self.rng.bit_generator.state})

    def load_state(self, state: Checkpoint) -> None:
        """Go on from a `state`."""
        self.net.load_state_dict(select_state(state.arrays, "network"))
        self.optimizer.load_state_dict(select_state(state.arrays, "optimizer"))
        self.rng.bit_generator.state = state.values["rng"]
