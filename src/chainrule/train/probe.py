"""The hidden layers of an MLP, looked into: how activations are spread, how many saturate, how large gradients are.

Of each hidden layer: quantiles of its activations over units and images; the share of them that is saturated, where the
activation's slope is below a twentieth of the steepest that it has; and the size of the gradient of its weights, as the
root of the mean square.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from chainrule.data import Dataset
from chainrule.layers import CrossEntropyLoss
from chainrule.nets import Sequential
from chainrule.nets.architectures import ACTIVATIONS
from chainrule.train.config import Config
from chainrule.train.learners.numpy_learner import NumpyLearner
from chainrule.train.records.record import Record

IMAGES = 500  # of the test part, looked at
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
STEEPEST = {"sigmoid": 0.25}  # slope; of the others 1, or not far from it
FLAT = 0.05  # share of the steepest slope below which a unit counts as saturated

Layers = list[dict[str, Any]]


def probe_run(record: Record, dataset: Dataset) -> dict[str, Layers]:
    """Return what `probe_net` finds before the first and after the last step of a finished run of NumPy's MLP."""
    learner = NumpyLearner(record.config, dataset.train, len(dataset.classes))
    images, labels = dataset.test.images[:IMAGES], dataset.test.labels[:IMAGES]
    X = learner.inputs.write(images, np.empty((len(images), images[0].size), record.config.dtype))
    assert isinstance(learner.net, Sequential)
    start = probe_net(learner.net, X, labels, record.config)
    learner.net.load_state_dict(load_file(record.path("weights")))
    return {"start": start, "end": probe_net(learner.net, X, labels, record.config)}


def probe_net(net: Sequential, X: NDArray[Any], labels: NDArray[Any], config: Config) -> Layers:
    """Return the findings for each hidden layer on inputs X (S, M) with labels (S)."""
    hidden, caches, steepest = [], [], STEEPEST.get(config.activation, 1.0)
    for layer in net.layers:
        X, cache = layer.forward(X)
        caches.append(cache)
        if type(layer).__name__ == ACTIVATIONS[config.activation]:
            slopes, _ = layer.backward(np.ones_like(X), cache)
            hidden.append(_describe_activations(X, slopes / steepest))
    loss = CrossEntropyLoss()
    grads = net.parameter_gradients(loss.backward(loss.forward(X, labels)[1]), caches)
    weights = [grad for grad in grads.values() if grad.ndim == 2]  # one for each linear layer, in order
    return [
        {**found, "gradient": float(np.sqrt(np.mean(weight.astype(float) ** 2)))}
        for found, weight in zip(hidden, weights, strict=False)
    ]


def _describe_activations(Y: NDArray[Any], slopes: NDArray[Any]) -> dict[str, Any]:
    return {
        "quantiles": [round(float(value), 4) for value in np.quantile(Y, QUANTILES)],
        "mean": round(float(Y.mean()), 4),
        "deviation": round(float(Y.std()), 4),
        "saturated": round(float(np.mean(slopes < FLAT)), 4),
    }
