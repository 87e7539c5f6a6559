"""VGG-13 with pre-activation residual blocks: the practical's convolutional network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array
from chainrule.nets.architectures import CONVOLUTIONAL, check_choice, check_images, describe_convnet
from chainrule.nets.building import build_layer
from chainrule.nets.sequential import Sequential
from chainrule.nets.whitened import set_dirac


class ConvNet(Sequential):
    """Five stages of PreAct blocks, each ended by a max pooling that halves the size; then one linear layer.

    Input (S, in_channels, H, W) with H and W from 1 to 32, output (S, num_classes): logits. The stages have `width`
    times 1, 2, 4, 8 and 8 channels; a 1×1 convolution goes from one to the next. With the practical's 3 channels, 10
    classes and width 64 it has 11,138,122 parameters, with the names, shapes and initial distributions of
    `chainrule.pytorch.ConvNet`; `init="dirac"` starts its convolutions as `set_dirac` does. `algorithm` is that of the
    3×3 convolutions (see `layers.Conv2d`). Raises ValueError for an input of another shape.
    """

    def __init__(
        self,
        in_channels: int = 3,
        num_classes: int = 10,
        *,
        width: int = 64,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
        init: str = "pytorch",
        algorithm: str = "auto",
    ) -> None:
        check_choice("init", init, CONVOLUTIONAL)
        rng = np.random.default_rng() if rng is None else rng
        self.in_channels = in_channels
        described = describe_convnet(in_channels, num_classes, width)
        described["batchnorm"] = ("BatchNormReLU2d", *described["batchnorm"][1:])  # norm and ReLU in one pass
        del described["relu"]
        super().__init__(*(build_layer(each, rng, dtype, algorithm) for each in described.values()), names=described)
        if init == "dirac":
            set_dirac(self)

    def forward(self, X: Array) -> tuple[Array, list[Any]]:
        """Return the logits; the cache is the list of the layers' caches."""
        check_images(X.shape, self.in_channels)
        return super().forward(X)
