"""The practical's convolutional network as a classifier of pictures that are given as rows of pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from chainrule import layers, nets
from chainrule.nets.architectures import LARGEST
from chainrule.sklearn.classifier import NetworkClassifier
from chainrule.sklearn.settings import RULES, Rule, choice

GROUP = 16  # channels that are normalised together


@dataclass(eq=False, repr=False)
class ConvNetClassifier(NetworkClassifier):
    """VGG-13 with pre-activation blocks over pictures of at most 32 pixels a side, each a row of C H W.

    `image_shape` is (C, H, W); None takes the pixels for one square picture of one channel, or of three, or else for
    one row. `width` is the number of channels of the first stage. `norm` is "group", which normalises each picture by
    itself, so that a sample counts exactly what its weight says; or "batch", as in the practical, for large sets of
    pictures that all weigh the same. All else is as in MLPClassifier.
    """

    image_shape: Sequence[int] | None = None
    width: int = 16
    norm: str = "group"
    _: KW_ONLY
    _rules: ClassVar[dict[str, Rule]] = RULES | {"norm": choice(("group", "batch"))}

    def _build(self, in_features: int, outputs: int, rng: np.random.Generator, dtype: Any) -> layers.Layer:
        shape = choose_image_shape(in_features) if self.image_shape is None else tuple(self.image_shape)
        if len(shape) != 3 or math.prod(shape) != in_features or not all(1 <= size <= LARGEST for size in shape[1:]):
            raise ValueError(
                f"{type(self).__name__}: image_shape is {shape}, but must be (C, H, W) with C H W = {in_features}, the "
                f"number of columns of X, and H and W from 1 to {LARGEST}"
            )
        net = nets.ConvNet(shape[0], outputs, width=self.width, rng=rng, dtype=dtype)
        return PictureNet(shape, net if self.norm == "batch" else normalise_each_picture(net))


class PictureNet(nets.Sequential):
    """A network of pictures (S, C, H, W) that takes and returns rows (S, C H W)."""

    def __init__(self, shape: tuple[int, ...], net: nets.ConvNet) -> None:
        super().__init__(net, names=("net",))
        self.shape = shape

    def forward(self, X: Any) -> Any:
        """Return the logits; the cache is that of the network."""
        return super().forward(X.reshape(-1, *self.shape))


def normalise_each_picture(net: nets.Sequential) -> Any:
    """Put group normalisation, of 16 channels each, in the place of each batch normalisation; return the network."""
    for _, part in net.modules():
        if isinstance(part, nets.Sequential):
            part.layers = tuple(_replace_norm(layer) for layer in part.layers)
    return net


def _replace_norm(layer: layers.Layer) -> layers.Layer:
    if not isinstance(layer, layers.BatchNormReLU2d):
        return layer
    channels = layer.num_features
    groups = math.gcd(channels, max(1, channels // GROUP))
    return nets.Sequential(layers.GroupNorm(groups, channels, dtype=layer.running_mean.dtype), layers.ReLU())


def choose_image_shape(pixels: int) -> tuple[int, int, int]:
    """Return the shape of the square picture of one or three channels, or else of one row, with so many pixels."""
    for channels in (1, 3):
        side = math.isqrt(pixels // channels)
        if channels * side * side == pixels and side <= LARGEST:
            return channels, side, side
    return 1, 1, pixels
