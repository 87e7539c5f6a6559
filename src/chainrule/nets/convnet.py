"""VGG-13 with pre-activation residual blocks: the practical's convolutional network.

Source of the blocks: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016, figure 1(b).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule import layers
from chainrule.layers.base import Array, Arrays, Layer
from chainrule.nets.sequential import Sequential

LARGEST = 32  # pixels a side that five poolings of stride 2 bring down to one


class PreAct(Sequential):
    """`Y = X + conv(relu(batchnorm(X)))`: a 3×3 convolution that keeps channels and size, as the change of X.

    Input and output (S, channels, H, W). `algorithm` is that of the convolution.
    """

    def __init__(
        self,
        channels: int,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
        algorithm: str = "auto",
    ) -> None:
        norm = layers.BatchNormReLU2d(channels, dtype=dtype)
        conv = layers.Conv2d(channels, channels, 3, padding=1, rng=rng, dtype=dtype, algorithm=algorithm)
        super().__init__(norm, conv, names=("batchnorm", "conv"))

    def forward(self, X: Array) -> tuple[Array, list[Any]]:
        """Return X and its change; the cache is the list of the layers' caches."""
        change, caches = super().forward(X)
        return np.add(X, change, out=change), caches

    def backward(self, dY: Array, cache: list[Any]) -> tuple[Array, Arrays]:
        """Return dX and the gradients of all parameters: dX is dY, past the change, and what the change makes of it."""
        dX, grads = super().backward(dY, cache)
        return np.add(dY, dX, out=dX), grads


class ConvNet(Sequential):
    """Five stages of PreAct blocks, each ended by a max pooling that halves the size; then one linear layer.

    Input (S, in_channels, H, W) with H and W from 1 to 32, output (S, num_classes): logits. The stages have `width`
    times 1, 2, 4, 8 and 8 channels; a 1×1 convolution goes from one to the next. With the practical's 3 channels, 10
    classes and width 64 it has 11,138,122 parameters, with the names, shapes and initial distributions of
    `chainrule.pytorch.ConvNet`. `algorithm` is that of the 3×3 convolutions (see `layers.Conv2d`). Raises ValueError
    for an input of another shape.
    """

    def __init__(
        self,
        in_channels: int = 3,
        num_classes: int = 10,
        *,
        width: int = 64,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
        algorithm: str = "auto",
    ) -> None:
        rng = np.random.default_rng() if rng is None else rng
        self.in_channels = in_channels

        def conv(channels_in: int, channels_out: int, kernel_size: int) -> Layer:
            chosen = algorithm if kernel_size == 3 else "auto"
            padding = kernel_size // 2
            return layers.Conv2d(
                channels_in, channels_out, kernel_size, padding=padding, rng=rng, dtype=dtype, algorithm=chosen
            )

        def block(channels: int) -> Layer:
            return PreAct(channels, rng=rng, dtype=dtype, algorithm=algorithm)

        def halve() -> Layer:
            return layers.MaxPool2d(3, stride=2, padding=1)

        stack = {"conv0": conv(in_channels, width, 3), "preact1": block(width)}
        for stage, channels in enumerate((2 * width, 4 * width, 8 * width), start=2):
            stack[f"conv{stage - 1}"] = conv(channels // 2, channels, 1)
            stack[f"maxpool{stage - 1}"] = halve()
            stack[f"preact{stage}_a"] = block(channels)
            stack[f"preact{stage}_b"] = block(channels)
        stack["maxpool4"] = halve()
        stack["preact5_a"] = block(8 * width)
        stack["preact5_b"] = block(8 * width)
        stack["maxpool5"] = halve()
        stack["batchnorm"] = layers.BatchNormReLU2d(8 * width, dtype=dtype)
        stack["flatten"] = layers.Flatten()
        stack["linear"] = layers.Linear(8 * width, num_classes, rng=rng, dtype=dtype)
        super().__init__(*stack.values(), names=stack)

    def forward(self, X: Array) -> tuple[Array, list[Any]]:
        """Return the logits; the cache is the list of the layers' caches."""
        if X.ndim != 4 or X.shape[1] != self.in_channels or not all(1 <= size <= LARGEST for size in X.shape[2:]):
            raise ValueError(
                f"ConvNet: X has shape {X.shape}, but must be (S, {self.in_channels}, H, W) "
                f"with H and W from 1 to {LARGEST}"
            )
        return super().forward(X)
