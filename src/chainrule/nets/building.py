"""NumPy's layers, built from their descriptions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from chainrule import layers
from chainrule.layers.base import Layer
from chainrule.nets.architectures import WITH_PARAMETERS, Description
from chainrule.nets.preact import PreAct
from chainrule.nets.sequential import Sequential

DRAWING = {"Linear", "Conv2d", "PreAct", "Dropout"}  # they draw random numbers


def build_layer(description: Description, rng: np.random.Generator, dtype: DTypeLike, algorithm: str = "auto") -> Layer:
    """Return the layer that is described; `algorithm` is that of 3×3 convolutions."""
    kind, *arguments = description
    if kind == "Residual":
        return layers.Residual(Sequential(*(build_layer(part, rng, dtype) for part in arguments)))
    options: dict[str, Any] = {"dtype": dtype} if kind in WITH_PARAMETERS else {}
    if kind in DRAWING:
        options["rng"] = rng
    if kind == "PreAct" or (kind == "Conv2d" and arguments[2] == 3):
        options["algorithm"] = algorithm
    built: Layer = (PreAct if kind == "PreAct" else getattr(layers, kind))(*arguments, **options)
    return built
