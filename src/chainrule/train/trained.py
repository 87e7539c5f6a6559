"""A finished run's network, ready for use: with what turns pixels into its inputs, and the names of its classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chainrule import layers, nets
from chainrule.data.augmentation import list_views
from chainrule.errors import UserError
from chainrule.train.config import CONVOLUTIONAL, Config
from chainrule.train.learners.inputs import Inputs, prepare_inputs
from chainrule.train.learners.learner import build_network
from chainrule.train.records.checkpoint import load_arrays, load_checkpoint
from chainrule.train.records.record import Record
from chainrule.train.runs import load_dataset

CHUNK = 100  # images at a time


@dataclass(frozen=True)
class Trained:
    """A network in NumPy, whichever backend trained it; `shape` is that of an image (C, H, W)."""

    net: layers.Layer
    inputs: Inputs
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    config: Config

    def predict(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the probability of each class (S, K) for images uint8 (S, C, H, W), as the run evaluated them."""
        parts = [self._predict(images[start : start + CHUNK]) for start in range(0, len(images), CHUNK)]
        return np.concatenate(parts) if parts else np.empty((0, len(self.classes)))

    def _predict(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        softmax = layers.Softmax()
        buffer = np.empty((len(images), math.prod(self.shape)), self.config.dtype)
        total: Any = 0
        for share, view in list_views(images, self.config.mirror, self.config.moved, self.config.places):
            X = self.inputs.write(view, buffer)
            output = self.net.forward(X.reshape(len(X), *self._input_shape))[0]
            # The mean over the views is that of what the network ends in.
            total = total + share * (softmax.forward(output)[0] if self.config.head == "softmax" else output)
        return total if self.config.head == "softmax" else softmax.forward(total)[0]

    @property
    def _input_shape(self) -> tuple[int, ...]:
        return self.shape if self.config.network in CONVOLUTIONAL else (math.prod(self.shape),)

    def for_pixels(self) -> tuple[nets.Sequential, tuple[Any, Any]]:
        """Return the network as one of images (S, C, H, W), and the shift and scale (C, H, W) of their pixels."""
        first = [] if self.config.network in CONVOLUTIONAL else [layers.Flatten()]
        shaped = [None if a is None else a.reshape(self.shape) for a in (self.inputs.shift, self.inputs.scale)]
        return nets.Sequential(*first, self.net), (shaped[0], shaped[1])


def load_trained(record: Record) -> Trained:
    """Return the network of a finished run.

    A record of before inputs were kept needs the data that the run was trained on. Raises UserError where the run is
    not finished, or where a part of its record does not fit.
    """
    if record.config.network == "transformer":
        raise UserError(f"{record.name} reads text, but what is asked of it is about pictures")
    if record.state() != "finished" or not record.path("weights").exists():
        raise UserError(f"{record.name} has no trained weights: it is {record.state()}; {record.resume_hint}")
    inputs, classes, shape = _load_inputs(record)
    config = record.config
    try:
        net = build_network(nets, config, shape, len(classes), rng=np.random.default_rng(0), dtype=config.dtype)
        net.load_state_dict(load_arrays(record.path("weights")))
    except (KeyError, ValueError) as error:
        reason = error.args[0] if error.args else error
        raise UserError(f"{record.path('weights')} does not belong to this run ({reason})") from None
    return Trained(net.eval(), inputs, classes, shape, config)


def _load_inputs(record: Record) -> tuple[Inputs, tuple[str, ...], tuple[int, int, int]]:
    path = record.path("inputs")
    if not path.exists():
        dataset = load_dataset(record.config)
        inputs = prepare_inputs(record.config.inputs, dataset.train, record.config.dtype)
        C, H, W = dataset.train.images.shape[1:]
        return inputs, dataset.classes, (C, H, W)
    kept = load_checkpoint(path)
    classes: Any = kept.values.get("classes")
    shape: Any = kept.values.get("shape")
    names = isinstance(classes, list) and all(isinstance(name, str) for name in classes) and len(classes) > 0
    sizes = isinstance(shape, list) and len(shape) == 3 and all(type(n) is int and 0 < n < 10_000 for n in shape)
    if not names or not sizes or any(array.shape != (math.prod(shape),) for array in kept.arrays.values()):
        raise UserError(f"{path} does not say what the network's inputs and classes are")
    C, H, W = shape
    return Inputs(kept.arrays.get("shift"), kept.arrays.get("scale")), tuple(classes), (C, H, W)
