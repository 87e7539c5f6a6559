"""Specimens of the convolutions."""

from __future__ import annotations

from typing import Any

from chainrule.verify.specimens.specimen import Array, LayerSpecimen, alike, ours, strides_and_padding


def _conv2d_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    return {"W": layer.weight, "b": layer.bias, **strides_and_padding(layer)}


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
    "conv2d, 1 × 1": LayerSpecimen(**alike("Conv2d", 3, 2, 1), shape=(4, 3, 2, 5), symbols=_conv2d_symbols),
    "conv2d by Winograd": LayerSpecimen(
        make=ours("Conv2d", 2, 3, 3, padding=1, algorithm="winograd4"),
        torch=lambda nn: nn.Conv2d(2, 3, 3, padding=1),
        shape=(3, 2, 6, 4),
        symbols=_conv2d_symbols,
    ),
}
