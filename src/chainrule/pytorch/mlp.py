"""The multi-layer perceptron: linear maps with an activation between them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from chainrule.nets.architectures import PRACTICAL_STD, check_initialisation, describe_mlp
from chainrule.nets.local import draw_local_weights
from chainrule.nets.whitening import whitening_map
from chainrule.pytorch.blocks import BlockLinear
from chainrule.pytorch.building import build_module


class MLP(nn.Sequential):
    """For each size in `hidden`: linear, norm (if any), activation, dropout (if any); then a last linear layer.

    Before the last, as many residual `blocks` as asked for, with a norm (if any) behind them.

    Input (S, in_features), output (S, out_features): logits. `hidden` may be empty: then it is one linear layer.
    Arguments, order and state-dict keys ("0.weight", "0.bias", …) are those of `chainrule.nets.MLP`; random numbers
    come from PyTorch's generator. `init="pytorch"` leaves PyTorch's weights and biases; "practical" draws weights from
    N(0, 0.0001²) and sets biases to 0; "local" draws the first layer's weights for images of shape `image` (C, H, W),
    with a NumPy generator that PyTorch's seeds. `components`, `grid` and `window` are those of `chainrule.nets.MLP`.
    Raises ValueError for an unknown activation, norm or init, for blocks without a hidden layer, for init="local"
    without an `image` of in_features values, and for a grid that does not suit the image or the hidden layer.
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
        components: int = 0,
        grid: int = 0,
        window: int = 0,
        init: str = "pytorch",
        image: Sequence[int] | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        described = describe_mlp(
            in_features,
            hidden,
            out_features,
            activation=activation,
            norm=norm,
            dropout=dropout,
            blocks=blocks,
            components=components,
            grid=grid,
            window=window,
            image=image,
        )
        check_initialisation(init, image, in_features, components, grid)
        super().__init__(*(build_module(each, device, dtype) for each in described))
        if init == "practical":
            self.apply(_initialise_as_the_practical)
        if init == "local" and image is not None:
            _initialise_locally(self[0], image)

    def whiten(self, X: NDArray[Any]) -> None:
        """Set the first, frozen layer to the principal components of X (N, in_features); see `whitening_map`."""
        weight, bias = self.get_parameter("0.weight"), self.get_parameter("0.bias")
        with torch.no_grad():
            for parameter, values in zip((weight, bias), whitening_map(X, len(bias)), strict=True):
                parameter.copy_(torch.tensor(values))


def _initialise_as_the_practical(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | BlockLinear) and module.weight.requires_grad:
        nn.init.normal_(module.weight, std=PRACTICAL_STD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def _initialise_locally(first: Any, image: Sequence[int]) -> None:
    seed = int(torch.randint(2**62, ()))
    weights = draw_local_weights(first.out_features, image, np.random.default_rng(seed))
    with torch.no_grad():
        first.weight.copy_(torch.from_numpy(weights))
