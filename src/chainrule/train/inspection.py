"""A run looked into at its latest checkpoint, or at its end: its layers, its first weights, and where it errs."""

from __future__ import annotations

import base64
import io
import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import load_file

from chainrule.data import Dataset
from chainrule.errors import UserError
from chainrule.nets import Sequential
from chainrule.train.learners.learner import select_state
from chainrule.train.learners.numpy_learner import NumpyLearner
from chainrule.train.probe import Layers, probe_net
from chainrule.train.records.checkpoint import Arrays
from chainrule.train.records.record import Record

IMAGES = {
    "mlp": 1000,
    "rnn": 1000,
    "convnet": 60,
    "whitened": 60,
}  # of the part that is watched, looked at; NumPy's convnet is slow
PROBED = 200  # of them, for gradients and saturation
SHOWN = 24  # units of the first layer
WORST = 12  # mistakes


def inspect_run(record: Record, dataset: Dataset) -> dict[str, Any]:
    """What is seen of a run now. Raises UserError where it has no checkpoint yet.

    Keys: step; layers (of an MLP, as `probe_net`); weights (a picture of the first layer, as a data URL, or "");
    classes, confusion (rows: what it is, columns: what it is taken for); worst (the mistakes with the least
    probability of what is right).
    """
    config = replace(record.config, backend="numpy", speed="plain", autocast=False, device="best")
    step, weights = _load_weights(record)
    learner = NumpyLearner(config, dataset.train, len(dataset.classes))
    learner.net.load_state_dict(dict(weights))
    count = IMAGES[config.network]
    images, labels = dataset.test.images[:count], dataset.test.labels[:count]
    X = learner.inputs.write(images, np.empty((len(images), images[0].size), config.dtype))
    learner.net.eval()
    logits = learner.net.forward(X.reshape(len(X), *learner.shape))[0]
    learner.net.train()
    layers: Layers = []
    if config.network == "mlp" and isinstance(learner.net, Sequential):
        layers = probe_net(learner.net, X[:PROBED], labels[:PROBED], config)
    return {
        "step": step,
        "layers": layers,
        "weights": _draw_first_layer(weights, images.shape[1:]),
        "classes": list(dataset.classes),
        "confusion": _count_confusion(labels, logits).tolist(),
        "worst": _list_worst(images, labels, logits, dataset.classes),
    }


def _load_weights(record: Record) -> tuple[int, Arrays]:
    if record.path("weights").is_file():
        return record.reached_step(), load_file(record.path("weights"))
    checkpoint = record.load_checkpoint()
    if checkpoint is None:
        raise UserError(f"{record.name} has no checkpoint yet")
    return int(checkpoint.values["step"]), select_state(select_state(checkpoint.arrays, "learner"), "network")


def _draw_first_layer(weights: Arrays, image: tuple[int, ...]) -> str:
    """The weights of the first units as images, each on a scale of its own, side by side."""
    first = next((array for array in weights.values() if array.ndim in (2, 3, 4)), None)
    if first is None:
        return ""
    shape = first.shape[1:] if first.ndim == 4 else image
    if first.ndim == 3:  # of units that read windows, the same number for each window
        side = math.isqrt(first.shape[2] // image[0])
        shape, each = (image[0], side, side), max(1, SHOWN // len(first))
        first = first[:, :each].reshape(-1, first.shape[2])
    if np.prod(shape) != first[0].size or shape[0] not in (1, 3):
        return ""
    units = [unit.reshape(shape).transpose(1, 2, 0) for unit in first[:SHOWN].astype(np.float64)]
    scaled = [np.uint8(np.clip(127.5 + 127.5 * unit / (np.abs(unit).max() or 1), 0, 255)) for unit in units]
    framed = [np.pad(unit, ((0, 1), (0, 1), (0, 0)), constant_values=255) for unit in scaled]
    rows = [np.concatenate(framed[k : k + 8], axis=1) for k in range(0, len(framed), 8)]
    width = max(row.shape[1] for row in rows)
    sheet = np.concatenate(
        [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]
    )
    return draw_image(sheet)


def draw_image(pixels: NDArray[np.uint8]) -> str:
    """An image (H, W, 1 or 3) as a PNG in a data URL."""
    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels).save(file, "png")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()


def _count_confusion(labels: NDArray[Any], logits: NDArray[Any]) -> NDArray[np.int64]:
    classes = logits.shape[1]
    return np.bincount(labels * classes + logits.argmax(1), minlength=classes**2).reshape(classes, classes)


def _list_worst(images: NDArray[Any], labels: NDArray[Any], logits: NDArray[Any], names: Any) -> list[dict[str, Any]]:
    taken = logits.argmax(1)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
    shares = powers / powers.sum(axis=1, keepdims=True)
    wrong = np.flatnonzero(taken != labels)
    worst = wrong[np.argsort(shares[wrong, labels[wrong]])][:WORST]
    return [
        {
            "image": draw_image(np.ascontiguousarray(images[k].transpose(1, 2, 0))),
            "is": str(names[labels[k]]), "taken": str(names[taken[k]]), "share": round(float(shares[k, taken[k]]), 4),
        }
        for k in worst
    ]  # fmt: skip
