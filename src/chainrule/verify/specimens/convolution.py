"""Specimens of the convolutions."""

from __future__ import annotations

from typing import Any

from chainrule import layers
from chainrule.verify.specimens.specimen import Array, LayerSpecimen, alike, ours, strides_and_padding


def _conv2d_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    return {"W": layer.weight, "b": layer.bias, **strides_and_padding(layer)}


def _conv1d_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    _, stride, padding = layer.geometry
    return {"W": layer.weight, "b": layer.bias, "st": stride[1], "pt": padding[1]}


def _frozen(layer: Any) -> Any:
    layer.weight.requires_grad_(False)
    return layer


def _grouped(layer: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Group and channel of the group as two axes."""
    S, C, *size = shape
    return S, layer.groups, C // layer.groups, *size


def _grouped_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    G = layer.groups
    W, b = layer.weight.reshape(G, -1, *layer.weight.shape[1:]), layer.bias.reshape(G, -1)
    return {"W": W, "b": b, **strides_and_padding(layer)}


LAYERS = {
    "conv2d": LayerSpecimen(
        **alike("Conv2d", 2, 3, (4, 3), stride=(3, 2), padding=(1, 2)), shape=(3, 2, 7, 5), symbols=_conv2d_symbols
    ),
    "conv2d without bias": LayerSpecimen(
        make=ours("Conv2d", 2, 3, 2, bias=False, algorithm="shifted"),
        torch=lambda nn: nn.Conv2d(2, 3, 2, bias=False),
        shape=(3, 2, 4, 5),
        stated=False,
    ),
    "conv2d, weight frozen": LayerSpecimen(
        make=lambda rng, dtype: layers.Conv2d(2, 3, 2, rng=rng, dtype=dtype).freeze("weight"),
        torch=lambda nn: _frozen(nn.Conv2d(2, 3, 2)),
        shape=(3, 2, 4, 5),
        symbols=_conv2d_symbols,
    ),
    "conv2d, 1 × 1": LayerSpecimen(**alike("Conv2d", 3, 2, 1), shape=(4, 3, 2, 5), symbols=_conv2d_symbols),
    "conv2d by Winograd": LayerSpecimen(
        make=ours("Conv2d", 2, 3, 3, padding=1, algorithm="winograd4"),
        torch=lambda nn: nn.Conv2d(2, 3, 3, padding=1),
        shape=(3, 2, 6, 4),
        symbols=_conv2d_symbols,
    ),
    "conv2d in groups": LayerSpecimen(
        **alike("Conv2d", 4, 6, (3, 2), stride=(2, 1), padding=1, groups=2),
        shape=(3, 4, 7, 5),
        symbols=_grouped_symbols,
        input_as=_grouped,
        output_as=_grouped,
        variant="groups=G",
    ),
    "conv2d, depthwise": LayerSpecimen(
        **alike("Conv2d", 4, 4, 3, padding=1, groups=4),
        shape=(3, 4, 5, 6),
        symbols=_grouped_symbols,
        input_as=_grouped,
        output_as=_grouped,
        variant="groups=G",
    ),
    "conv2d, depthwise, two of each": LayerSpecimen(
        **alike("Conv2d", 3, 6, 2, stride=(1, 2), padding=(1, 0), groups=3, bias=False),
        shape=(2, 3, 5, 4),
        stated=False,
    ),
    "conv1d": LayerSpecimen(**alike("Conv1d", 2, 3, 4, stride=2, padding=1), shape=(3, 2, 9), symbols=_conv1d_symbols),
    "conv1d, one entry": LayerSpecimen(**alike("Conv1d", 2, 3, 1), shape=(4, 2, 5), symbols=_conv1d_symbols),
    "conv1d in groups": LayerSpecimen(
        **alike("Conv1d", 4, 6, 3, padding=2, groups=2, bias=False), shape=(3, 4, 5), stated=False
    ),
    "conv1d of many channels": LayerSpecimen(**alike("Conv1d", 9, 4, 3, padding=1), shape=(3, 9, 5), stated=False),
    "transposed convolution": LayerSpecimen(
        **alike("ConvTranspose2d", 2, 3, (4, 3), stride=(3, 2), padding=(1, 2), output_padding=(2, 1)),
        shape=(3, 2, 4, 5),
        symbols=_conv2d_symbols,
    ),
    "transposed convolution without bias": LayerSpecimen(
        **alike("ConvTranspose2d", 2, 3, 2, bias=False), shape=(3, 2, 4, 5), stated=False
    ),
    "transposed convolution, 1 × 1": LayerSpecimen(
        **alike("ConvTranspose2d", 3, 2, 1), shape=(4, 3, 2, 5), symbols=_conv2d_symbols
    ),
}
