"""The multi-layer perceptron: linear maps with an activation between them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import DTypeLike

from chainrule import layers
from chainrule.layers.base import Layer
from chainrule.nets.local import draw_local_weights
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
INITIALISATIONS = ("pytorch", "practical", "local")
PRACTICAL_STD = 0.0001  # standard deviation of the practical's first weights


class MLP(Sequential):
    """For each size in `hidden`: linear, norm (if any), activation, dropout (if any); then a last linear layer.

    Before the last, as many residual `blocks` `x + f(x)` as asked for, with a norm (if any) behind them; f is norm (if
    any), linear, activation, dropout (if any), linear, all of the last hidden size (He, Zhang, Ren and Sun, "Identity
    Mappings in Deep Residual Networks", ECCV 2016).

    Input (S, in_features), output (S, out_features): logits. `hidden` may be empty: then it is one linear layer.
    `init="pytorch"` draws weights and biases as PyTorch does; "practical" draws weights from N(0, 0.0001²) and sets
    biases to 0; "local" draws the first layer's weights for images of shape `image` (C, H, W), whose pixels are the
    inputs, as `draw_local_weights` does, and the rest as PyTorch does. One generator `rng` draws the parameters and,
    later, the dropout masks. Names and shapes of the parameters are those of `chainrule.pytorch.MLP`. Raises ValueError
    for an unknown activation, norm or init, for blocks without a hidden layer, and for init="local" without an `image`
    of in_features values.
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
        blocks: int = 0,
        init: str = "pytorch",
        image: Sequence[int] | None = None,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        check_choice("activation", activation, ACTIVATIONS)
        check_choice("init", init, INITIALISATIONS)
        check_blocks(blocks, hidden)
        check_image(init, image, in_features)
        if norm is not None:
            check_choice("norm", norm, NORMS)
        rng = np.random.default_rng() if rng is None else rng

        def linear(size_in: int, size_out: int) -> list[Layer]:
            return [layers.Linear(size_in, size_out, rng=rng, dtype=dtype)]

        def normalise(size: int) -> list[Layer]:
            return [NORMS[norm](size, dtype=dtype)] if norm is not None else []

        def activate() -> list[Layer]:
            return [ACTIVATIONS[activation](), *([layers.Dropout(dropout, rng=rng)] if dropout else [])]

        sizes = [in_features, *hidden]
        width = sizes[-1]
        stack: list[Layer] = []
        for size_in, size_out in pairwise(sizes):
            stack += [*linear(size_in, size_out), *normalise(size_out), *activate()]
        for _ in range(blocks):
            body = [*normalise(width), *linear(width, width), *activate(), *linear(width, width)]
            stack.append(layers.Residual(Sequential(*body)))
        if blocks:
            stack += normalise(width)
        super().__init__(*stack, *linear(width, out_features))
        if init == "practical":
            self._initialise_as_the_practical(rng)
        if init == "local" and image is not None:
            first = self.params["0.weight"]
            first[...] = draw_local_weights(len(first), image, rng)

    def _initialise_as_the_practical(self, rng: np.random.Generator) -> None:
        for _, layer in self.modules():
            if isinstance(layer, layers.Linear):
                layer.weight[...] = rng.normal(0.0, PRACTICAL_STD, layer.weight.shape)
                if layer.bias is not None:
                    layer.bias[...] = 0.0


def check_blocks(blocks: int, hidden: Sequence[int]) -> None:
    """Raise ValueError unless so many residual blocks can follow these hidden layers."""
    if blocks < 0 or (blocks and not hidden):
        raise ValueError(f"blocks is {blocks}, but must be at least 0, and 0 without a hidden layer before them")


def check_image(init: str, image: Sequence[int] | None, in_features: int) -> None:
    """Raise ValueError unless local weights can be drawn for an image (C, H, W), where they are asked for."""
    if init == "local" and (image is None or len(image) != 3 or math.prod(image) != in_features):
        raise ValueError(f"init is 'local', which needs image=(C, H, W) of {in_features} values, not {image}")


def check_choice(name: str, value: str, choices: Sequence[str] | dict[str, type[Layer]]) -> None:
    """Raise ValueError unless `value` is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}, but must be one of {', '.join(choices)}")
