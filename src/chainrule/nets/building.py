"""NumPy's layers, built from their descriptions, and the block that only networks have.

Source of the block: He, Zhang, Ren and Sun, "Identity Mappings in Deep Residual Networks", 2016, figure 1(b).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule import layers
from chainrule.layers.base import Array, Arrays, Layer
from chainrule.nets.architectures import WITH_PARAMETERS, Description
from chainrule.nets.sequential import Sequential

DRAWING = {"Linear", "BlockLinear", "Conv2d", "PreAct", "Dropout"}  # they draw random numbers


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
        """Return dX and the gradients of all parameters: dX is dY plus what the change sends back."""
        dX, grads = super().backward(dY, cache)
        return np.add(dY, dX, out=dX), grads


def build_layer(description: Description, rng: np.random.Generator, dtype: DTypeLike, algorithm: str = "auto") -> Layer:
    """Return the layer that is described; `algorithm` is that of 3×3 convolutions."""
    kind, *arguments = description
    if kind == "Residual":
        return layers.Residual(Sequential(*(build_layer(part, rng, dtype) for part in arguments)))
    if kind == "Frozen":
        return build_layer(arguments[1], rng, dtype, algorithm).freeze(*arguments[0])
    options: dict[str, Any] = {"dtype": dtype} if kind in WITH_PARAMETERS else {}
    if kind in DRAWING:
        options["rng"] = rng
    if kind == "PreAct" or (kind == "Conv2d" and arguments[2] == 3):
        options["algorithm"] = algorithm
    built: Layer = (PreAct if kind == "PreAct" else getattr(layers, kind))(*arguments, **options)
    return built
