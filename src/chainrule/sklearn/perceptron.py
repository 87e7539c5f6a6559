"""The multi-layer perceptron that an estimator's settings describe."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from chainrule import layers, nets
from chainrule.sklearn.settings import ACTIVATIONS


def build_mlp(settings: Any, in_features: int, outputs: int, rng: np.random.Generator, dtype: Any) -> nets.MLP:
    """Return the network with its first weights.

    With init="glorot" weights W (N, M) and biases are U(−a, a) with a = √(6 / (M + N)), for logistic units
    √(2 / (M + N)), as scikit-learn draws them (Glorot and Bengio, AISTATS 2010); with "pytorch" as PyTorch draws them.
    """
    net = nets.MLP(
        in_features,
        np.atleast_1d(np.asarray(settings.hidden_layer_sizes, dtype=int)).tolist(),
        outputs,
        activation=ACTIVATIONS[settings.activation],
        norm=settings.norm,
        dropout=settings.dropout,
        rng=rng,
        dtype=dtype,
    )
    if settings.init == "glorot":
        factor = 2 if settings.activation == "logistic" else 6
        for layer in net.layers:
            if isinstance(layer, layers.Linear):
                bound = math.sqrt(factor / (layer.in_features + layer.out_features))
                for array in layer.params.values():
                    array[...] = rng.uniform(-bound, bound, array.shape)
    return net
