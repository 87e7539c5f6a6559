"""The multi-layer perceptron: linear maps with an activation between them."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from chainrule.nets.local import draw_local_weights
from chainrule.nets.mlp import INITIALISATIONS, PRACTICAL_STD, check_blocks, check_choice, check_image

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "elu": nn.ELU,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}
NORMS: dict[str, Callable[..., nn.Module]] = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}


class Residual(nn.Module):
    """`y = x + body(x)`, the counterpart of `chainrule.layers.Residual`."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return y, of the shape of x."""
        return x + self.body(x)


class MLP(nn.Sequential):
    """For each size in `hidden`: linear, norm (if any), activation, dropout (if any); then a last linear layer.

    Before the last, as many residual `blocks` as asked for, with a norm (if any) behind them.

    Input (S, in_features), output (S, out_features): logits. `hidden` may be empty: then it is one linear layer.
    Arguments, order and state-dict keys ("0.weight", "0.bias", …) are those of `chainrule.nets.MLP`; random numbers
    come from PyTorch's generator. `init="pytorch"` leaves PyTorch's weights and biases; "practical" draws weights from
    N(0, 0.0001²) and sets biases to 0; "local" draws the first layer's weights for images of shape `image` (C, H, W),
    with a NumPy generator that PyTorch's seeds. Raises ValueError for an unknown activation, norm or init, for blocks
    without a hidden layer, and for init="local" without an `image` of in_features values.
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
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        check_choice("activation", activation, list(ACTIVATIONS))
        check_choice("init", init, INITIALISATIONS)
        check_blocks(blocks, hidden)
        check_image(init, image, in_features)
        if norm is not None:
            check_choice("norm", norm, list(NORMS))
        kind: dict[str, Any] = {"device": device, "dtype": dtype}

        def normalise(size: int) -> list[nn.Module]:
            return [NORMS[norm](size, **kind)] if norm is not None else []

        def activate() -> list[nn.Module]:
            return [ACTIVATIONS[activation](), *([nn.Dropout(dropout)] if dropout else [])]

        sizes = [in_features, *hidden]
        width = sizes[-1]
        stack: list[nn.Module] = []
        for size_in, size_out in pairwise(sizes):
            stack += [nn.Linear(size_in, size_out, **kind), *normalise(size_out), *activate()]
        for _ in range(blocks):
            first, second = (nn.Linear(width, width, **kind) for _ in range(2))
            stack.append(Residual(nn.Sequential(*normalise(width), first, *activate(), second)))
        if blocks:
            stack += normalise(width)
        super().__init__(*stack, nn.Linear(width, out_features, **kind))
        if init == "practical":
            self.apply(_initialise_as_the_practical)
        if init == "local" and image is not None:
            _initialise_locally(self[0], image)


def _initialise_as_the_practical(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=PRACTICAL_STD)
        nn.init.zeros_(module.bias)


def _initialise_locally(first: Any, image: Sequence[int]) -> None:
    seed = int(torch.randint(2**62, ()))
    weights = draw_local_weights(first.out_features, image, np.random.default_rng(seed))
    with torch.no_grad():
        first.weight.copy_(torch.from_numpy(weights))
