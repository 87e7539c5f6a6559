"""The network of a config in words and numbers, without building it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from chainrule.errors import UserError
from chainrule.nets.architectures import Description, describe_convnet, describe_mlp, describe_whitened
from chainrule.train.config import Config

OF_AN_MLP = ("activation", "norm", "dropout", "blocks", "components", "grid", "window")  # settings that it is made by
NORMS = ("BatchNorm1d", "BatchNorm2d", "LayerNorm")


def describe_layers(config: Config, image: Sequence[int], classes: int) -> list[dict[str, Any]]:
    """Each layer of the network of a config, for images (C, H, W): name, shapes of its parameters, and their number.

    Raises UserError where the images do not suit an MLP's settings.
    """
    if config.network == "rnn":
        channels, _, width = image
        hidden = config.hidden[0]
        shapes = [[hidden, channels * width], [hidden, hidden], [hidden], [hidden]]  # two biases, or a gain and a shift
        return [_count("RNN, a step for each row", shapes), _count("Linear", [[classes, hidden], [classes]])]
    if config.network == "convnet":
        named = describe_convnet(image[0], classes, config.width)
        return [_describe(layer) for layer in named.values()]
    if config.network == "whitened":
        return [_describe(layer) for layer in describe_whitened(image, classes, config.width).values()]
    chosen: dict[str, Any] = {name: getattr(config, name) for name in OF_AN_MLP}
    try:
        described = describe_mlp(math.prod(image), config.hidden, classes, image=image, **chosen)
    except ValueError as error:
        raise UserError(f"{config.data} does not suit these settings: {error}") from None
    return [_describe(layer) for layer in described]


def _describe(layer: Description) -> dict[str, Any]:
    name, *arguments = layer
    if name == "Frozen":
        return {**_describe(arguments[1]), "name": f"{_describe(arguments[1])['name']}, frozen"}
    return _count(
        name, list_shapes(layer), ", ".join(map(str, arguments)) if name in ("Dropout", "MaxPool2d", "Scale") else ""
    )


def list_shapes(layer: Description) -> list[list[int]]:
    """The shapes of a layer's parameters."""
    name, *arguments = layer
    if name == "Linear":
        bias = [] if arguments[2:] == [False] else [[arguments[1]]]
        return [[arguments[1], arguments[0]], *bias]
    if name == "BlockLinear":
        size_in, size_out, groups = arguments[:3]
        return [[groups, size_out // groups, size_in // groups], [size_out]]
    if name == "Conv2d":
        channels, filters, side = arguments[:3]
        bias = [] if len(arguments) > 6 and not arguments[6] else [[filters]]
        return [[filters, channels, side, side], *bias]
    if name in NORMS:
        return [[arguments[0]], [arguments[0]]]
    if name == "PreAct":  # a norm and a convolution, whose sum with the input it returns
        return [*list_shapes(("BatchNorm2d", arguments[0])), *list_shapes(("Conv2d", arguments[0], arguments[0], 3))]
    if name == "Residual":
        return [shape for inner in arguments for shape in list_shapes(inner)]
    return []


def _count(name: str, shapes: list[list[int]], detail: str = "") -> dict[str, Any]:
    title = f"{name}({detail})" if detail else name
    return {"name": title, "shapes": shapes, "parameters": sum(map(math.prod, shapes))}
