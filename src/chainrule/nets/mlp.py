"""The multi-layer perceptron: linear maps with an activation between them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from chainrule import layers
from chainrule.layers.base import Array
from chainrule.nets.architectures import PRACTICAL_STD, check_initialisation, describe_mlp
from chainrule.nets.building import build_layer
from chainrule.nets.local import draw_local_weights
from chainrule.nets.sequential import Sequential
from chainrule.nets.whitening import whitening_map


class MLP(Sequential):
    """For each size in `hidden`: linear, norm (if any), activation, dropout (if any); then a last linear layer.

    Before the last, as many residual `blocks` `x + f(x)` as asked for, with a norm (if any) behind them; f is norm (if
    any), linear, activation, dropout (if any), linear, all of the last hidden size (He, Zhang, Ren and Sun, "Identity
    Mappings in Deep Residual Networks", ECCV 2016).

    Input (S, in_features), output (S, out_features): logits. `hidden` may be empty: then it is one linear layer.
    With `components` a linear layer comes first that is not trained; `whiten` makes it the map to so many principal
    components. With a `grid` the hidden units stand in grid² places, and those of a place read one window of the
    `image`, of `window` pixels a side (`list_windows`). In a residual block the first matrix then mixes the units of a
    place, the second as many units of all places: both are block diagonal (`BlockLinear`), and together they reach
    every unit from every unit. `hidden` is then one size, a multiple of grid⁴.

    `init="pytorch"` draws weights and biases as PyTorch does; "practical" draws weights from N(0, 0.0001²) and sets
    biases to 0; "local" draws the first layer's weights for images of shape `image` (C, H, W), whose pixels are the
    inputs, as `draw_local_weights` does, and the rest as PyTorch does. One generator `rng` draws the parameters and,
    later, the dropout masks. Names and shapes of the parameters are those of `chainrule.pytorch.MLP`. Raises
    ValueError for an unknown activation, norm or init, for blocks without a hidden layer, for init="local" without an
    `image` of in_features values, and for a grid that does not suit the image or the hidden layer.
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
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
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
        rng = np.random.default_rng() if rng is None else rng
        super().__init__(*(build_layer(each, rng, dtype) for each in described))
        if init == "practical":
            self._initialise_as_the_practical(rng)
        if init == "local" and image is not None:
            first = self.params["0.weight"]
            first[...] = draw_local_weights(len(first), image, rng)

    def _initialise_as_the_practical(self, rng: np.random.Generator) -> None:
        for _, layer in self.modules():
            if isinstance(layer, layers.Linear | layers.BlockLinear) and layer.params:
                layer.weight[...] = rng.normal(0.0, PRACTICAL_STD, layer.weight.shape)
                if layer.bias is not None:
                    layer.bias[...] = 0.0

    def whiten(self, X: Array) -> None:
        """Set the first, frozen layer to the principal components of X (N, in_features); see `whitening_map`."""
        first = self.layers[0]
        assert isinstance(first, layers.Linear)
        first.weight[...], first.bias[...] = whitening_map(X, first.out_features)  # type: ignore[index]
