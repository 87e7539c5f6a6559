"""The multi-layer perceptron: linear maps with an activation between them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from chainrule import layers
from chainrule.layers.base import Layer
from chainrule.nets.sequential import Sequential

ACTIVATIONS: dict[str, type[Layer]] = {
    "elu": layers.ELU,
    "relu": layers.ReLU,
    "leaky_relu": layers.LeakyReLU,
    "gelu": layers.GELU,
    "silu": layers.SiLU,
    "tanh": layers.Tanh,
    "sigmoid": layers.Sigmoid,
}
NORMS = {"batch": layers.BatchNorm1d, "layer": layers.LayerNorm}
INITIALISATIONS = ("pytorch", "practical")
PRACTICAL_STD = 0.0001  # standard deviation of the practical's first weights


class MLP(Sequential):
    """For each size in `hidden`: linear, norm (if any), activation, dropout (if any); then a last linear layer.

    Input (S, in_features), output (S, out_features): logits. `hidden` may be empty: then it is one linear layer.
    `init="pytorch"` draws weights and biases as PyTorch does; "practical" draws weights from N(0, 0.0001²) and sets
    biases to 0. One generator `rng` draws the parameters and, later, the dropout masks. Names and shapes of the
    parameters are those of `chainrule.pytorch.MLP`. Raises ValueError for an unknown activation, norm or init.
    """

    def __init__(
        self,
        in_features: int,
        hidden: Sequence[int],
        out_features: int,
        *,
        activation: str = "elu",
        norm: str | None = None,
        dropout: float = 0.0,
        init: str = "pytorch",
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        check_choice("activation", activation, ACTIVATIONS)
        check_choice("init", init, INITIALISATIONS)
        if norm is not None:
            check_choice("norm", norm, NORMS)
        rng = np.random.default_rng() if rng is None else rng
        stack: list[Layer] = []
        sizes = [in_features, *hidden]
        for size_in, size_out in pairwise(sizes):
            stack.append(layers.Linear(size_in, size_out, rng=rng, dtype=dtype))
            if norm is not None:
                stack.append(NORMS[norm](size_out, dtype=dtype))
            stack.append(ACTIVATIONS[activation]())
            if dropout:
                stack.append(layers.Dropout(dropout, rng=rng))
        stack.append(layers.Linear(sizes[-1], out_features, rng=rng, dtype=dtype))
        super().__init__(*stack)
        if init == "practical":
            self._initialise_as_the_practical(rng)

    def _initialise_as_the_practical(self, rng: np.random.Generator) -> None:
        for layer in self.layers:
            if isinstance(layer, layers.Linear):
                layer.weight[...] = rng.normal(0.0, PRACTICAL_STD, layer.weight.shape)
                if layer.bias is not None:
                    layer.bias[...] = 0.0


def check_choice(name: str, value: str, choices: Sequence[str] | dict[str, type[Layer]]) -> None:
    """Raise ValueError unless `value` is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}, but must be one of {', '.join(choices)}")
