"""The MLP and the convolutional networks as plain data, from which `nets` and `pytorch` build their networks.

A layer is described by a tuple: the name of its class, which is the same on both sides, and its arguments;
("Frozen", names, description) is a layer of which these parameters are not trained. Networks are built
in the order of the descriptions, so that one seed always draws the same weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Description = tuple[Any, ...]

ACTIVATIONS = {
    "elu": "ELU",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "gelu": "GELU",
    "silu": "SiLU",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
}
IDENTITY = "identity"  # no activation
NORMS = {"batch": "BatchNorm1d", "layer": "LayerNorm"}
INITIALISATIONS = ("pytorch", "practical", "local")  # of an MLP
CONVOLUTIONAL = ("pytorch", "dirac")  # of a network of convolutions
PRACTICAL_STD = 0.0001  # standard deviation of the practical's first weights
WITH_PARAMETERS = {
    "Linear", "BlockLinear", "Conv2d", "BatchNorm1d", "BatchNorm2d", "BatchNormReLU2d", "BatchNormGELU2d", "LayerNorm",
    "PreAct",
}  # fmt: skip
PATCH = 2  # pixels a side of what is whitened
WHITENED_NORM = (1e-12, 0.4)  # eps, and the share by which the running statistics move
HEAD_STD, HEAD_SCALE = 0.28, 1 / 72  # of the last linear layer of a WhitenedConvNet, and of the logits behind it
LARGEST = 32  # pixels a side that five poolings of stride 2 bring down to one


def describe_mlp(
    in_features: int,
    hidden: Sequence[int],
    out_features: int,
    *,
    activation: str,
    norm: str | None,
    dropout: float,
    blocks: int,
    components: int = 0,
    grid: int = 0,
    window: int = 0,
    image: Sequence[int] | None = None,
) -> list[Description]:
    """Return the layers of an MLP; a residual block is ("Residual", *layers of its body).

    `activation="identity"` leaves it out. With `components` a frozen linear layer to so many comes first. With a `grid`
    the hidden matrices are block diagonal: the first has a block for each of `grid`² windows of the `image` (C, H, W),
    of `window` pixels a side, and so have the blocks' first ones; their second ones have as many, across the windows.
    Raises ValueError for an unknown activation or norm, for blocks without a hidden layer, and for a grid that does not
    suit the image or the one hidden layer.
    """
    check_choice("activation", activation, (*ACTIVATIONS, IDENTITY))
    if norm is not None:
        check_choice("norm", norm, NORMS)
    if blocks < 0 or (blocks and not hidden):
        raise ValueError(f"blocks is {blocks}, but must be at least 0, and 0 without a hidden layer before them")
    activate: list[Description] = [] if activation == IDENTITY else [(ACTIVATIONS[activation],)]
    activate += [("Dropout", dropout)] if dropout else []
    sizes = [components or in_features, *hidden]
    width = sizes[-1]

    def normalise(size: int) -> list[Description]:
        return [(NORMS[norm], size)] if norm is not None else []

    stack: list[Description] = []
    within: Description = ("Linear", width, width)
    across = within
    if grid:
        check_grid(grid, hidden, image, in_features)
        assert image is not None
        index, places = list_windows(image, grid, window), grid**2
        within, across = ("BlockLinear", width, width, places), ("BlockLinear", width, width, places, places)
        first = ("BlockLinear", len(index), width, places)
        stack += [("Gather", in_features, index), first, *normalise(width), *activate]
        sizes = sizes[-1:]
    if components:
        stack.append(("Frozen", ("weight", "bias"), ("Linear", in_features, components)))
    for size_in, size_out in pairwise(sizes):
        stack += [("Linear", size_in, size_out), *normalise(size_out), *activate]
    stack += [("Residual", *normalise(width), within, *activate, across)] * blocks
    return [*stack, *(normalise(width) if blocks else []), ("Linear", width, out_features)]


def check_grid(grid: int, hidden: Sequence[int], image: Sequence[int] | None, in_features: int) -> None:
    """Raise ValueError unless hidden units can stand on a grid over images (C, H, W)."""
    if image is None or len(image) != 3 or math.prod(image) != in_features:
        raise ValueError(f"grid is {grid}, which needs image=(C, H, W) of {in_features} values, not {image}")
    if len(hidden) != 1 or hidden[0] % grid**4:
        raise ValueError(
            f"grid is {grid}, which needs one hidden size that is a multiple of {grid**4}, not {tuple(hidden)}"
        )


def list_windows(image: Sequence[int], grid: int, window: int = 0) -> NDArray[np.int64]:
    """Return the pixels of the windows of an image (C, H, W), window by window, as indices of the flattened image.

    The windows, `grid` down and `grid` across, have `window` pixels a side (0: 3/2 of H / grid, so that each overlaps
    the next by a third) and are spread evenly. Raises ValueError where they would leave pixels out, or are larger than
    the image.
    """
    channels, *sizes = image
    least, most = max(-(-size // grid) for size in sizes), min(sizes)
    window = window or min(-(-3 * max(sizes) // (2 * grid)), most)
    if not least <= window <= most:
        raise ValueError(
            f"window is {window}, but for a grid of {grid} × {grid} over {sizes[0]} × {sizes[1]} pixels it must be "
            f"from {least} to {most}"
        )
    rows, columns = (
        np.rint(np.linspace(0, size - window, grid)).astype(int)[:, None] + np.arange(window) for size in sizes
    )
    pixel = np.arange(math.prod(image)).reshape(channels, *sizes)
    windows = pixel[:, rows[:, None, :, None], columns[None, :, None, :]]  # (C, grid, grid, window, window)
    return windows.transpose(1, 2, 0, 3, 4).ravel()


def describe_convnet(in_channels: int, num_classes: int, width: int) -> dict[str, Description]:
    """Return the layers of a ConvNet by their names; ("PreAct", channels) is a pre-activation block."""
    halve = ("MaxPool2d", 3, 2, 1)
    stack: dict[str, Description] = {"conv0": ("Conv2d", in_channels, width, 3, 1, 1), "preact1": ("PreAct", width)}
    for stage, channels in enumerate((2 * width, 4 * width, 8 * width, 8 * width), start=2):
        if stage < 5:
            stack[f"conv{stage - 1}"] = ("Conv2d", channels // 2, channels, 1)
        stack[f"maxpool{stage - 1}"] = halve
        stack[f"preact{stage}_a"] = stack[f"preact{stage}_b"] = ("PreAct", channels)
    return {
        **stack,
        "maxpool5": halve,
        "batchnorm": ("BatchNorm2d", 8 * width),
        "relu": ("ReLU",),
        "flatten": ("Flatten",),
        "linear": ("Linear", 8 * width, num_classes),
    }


def describe_whitened(image: Sequence[int], num_classes: int, width: int) -> dict[str, Description]:
    """Return the layers of a WhitenedConvNet for images (C, H, W) by their names.

    Source: Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024, arXiv:2404.00498, listing 4.
    """
    channels, *size = image
    filters, size = 2 * channels * PATCH**2, [side - PATCH + 1 for side in size]
    whiten = ("Conv2d", channels, filters, PATCH)
    stack: dict[str, Description] = {"whitening": ("Frozen", ("weight",), whiten), "gelu": ("GELU",)}
    for group, out in enumerate((width, 4 * width, 4 * width), start=1):
        pool = tuple(min(2, side) for side in size)
        norm = ("Frozen", ("weight",), ("BatchNorm2d", out, *WHITENED_NORM))
        stack |= {
            f"conv{group}a": ("Conv2d", filters, out, 3, 1, 1, False),
            f"pool{group}": ("MaxPool2d", pool),
            f"norm{group}a": norm,
            f"gelu{group}a": ("GELU",),
            f"conv{group}b": ("Conv2d", out, out, 3, 1, 1, False),
            f"norm{group}b": norm,
            f"gelu{group}b": ("GELU",),
        }
        filters, size = out, [side // p for side, p in zip(size, pool, strict=True)]
    return {
        **stack,
        "pool": ("MaxPool2d", tuple(size)),
        "flatten": ("Flatten",),
        "linear": ("Linear", filters, num_classes, False),
        "scale": ("Scale", HEAD_SCALE),
    }


def check_whitened(image: Sequence[int]) -> None:
    """Raise ValueError unless a WhitenedConvNet can be made for images (C, H, W) of this shape."""
    if len(image) != 3 or image[0] < 1 or min(image[1:]) < PATCH + 1:
        raise ValueError(
            f"WhitenedConvNet: image is {tuple(image)}, but must be (C, H, W) with H and W from {PATCH + 1} up"
        )


def check_images(shape: Sequence[int], in_channels: int) -> None:
    """Raise ValueError unless a ConvNet can read an input of this shape."""
    if len(shape) != 4 or shape[1] != in_channels or not all(1 <= size <= LARGEST for size in shape[2:]):
        raise ValueError(
            f"ConvNet: X has shape {tuple(shape)}, but must be (S, {in_channels}, H, W) "
            f"with H and W from 1 to {LARGEST}"
        )


def check_initialisation(
    init: str, image: Sequence[int] | None, in_features: int, components: int = 0, grid: int = 0
) -> None:
    """Raise ValueError for an unknown initialisation of an MLP, or one that its first layer or its image rules out."""
    check_choice("init", init, INITIALISATIONS)
    if grid and (components or init == "local"):
        raise ValueError("grid has windows of the pixels, so it goes with neither components nor init='local'")
    if components and init == "local":
        raise ValueError("init is 'local', which needs the pixels themselves, but components takes their place")
    if init == "local" and (image is None or len(image) != 3 or math.prod(image) != in_features):
        raise ValueError(f"init is 'local', which needs image=(C, H, W) of {in_features} values, not {image}")


def check_choice(name: str, value: str, choices: Iterable[str]) -> None:
    """Raise ValueError unless `value` is one of the choices."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}, but must be one of {', '.join(choices)}")
