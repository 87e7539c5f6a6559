"""Specimens of the norms."""

from __future__ import annotations

import math
from typing import Any

from chainrule import layers
from chainrule.verify.specimens.specimen import LayerSpecimen, alike, ours


def _rectified(nn: Any, layer: Any) -> Any:
    layer.register_forward_hook(lambda module, inputs, output: nn.functional.relu(output))
    return layer


def _gelu(nn: Any, layer: Any) -> Any:
    layer.register_forward_hook(lambda module, inputs, output: nn.functional.gelu(output))
    return layer


def _frozen(layer: Any) -> Any:
    layer.weight.requires_grad_(False)
    return layer


def _grouped(layer: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Group and channel of the group as two axes, all places as one."""
    S, C, *places = shape
    return S, layer.num_groups, C // layer.num_groups, math.prod(places)


def _grouped_gain(layer: Any, X: Any, cache: Any) -> dict[str, Any]:
    return {name: array.reshape(layer.num_groups, -1) for name, array in layer.params.items()}


LAYERS = {
    "batch norm": LayerSpecimen(**alike("BatchNorm1d", 5), smallest_batch=2),
    "batch norm over places": LayerSpecimen(
        **alike("BatchNorm1d", 5, eps=0.01, momentum=None), shape=(4, 5, 3), stated=False
    ),
    "batch norm without gain": LayerSpecimen(
        **alike("BatchNorm1d", 5, momentum=0.3, affine=False), smallest_batch=2, stated=False
    ),
    "batch norm of images": LayerSpecimen(**alike("BatchNorm2d", 3), shape=(4, 3, 5, 2)),
    "batch norm of images without gain": LayerSpecimen(
        **alike("BatchNorm2d", 3, eps=0.01, momentum=None, affine=False), shape=(4, 3, 5, 2), stated=False
    ),
    "batch norm of images, rectified": LayerSpecimen(
        make=ours("BatchNormReLU2d", 3), torch=lambda nn: _rectified(nn, nn.BatchNorm2d(3)), shape=(4, 3, 5, 2)
    ),
    "batch norm of images without gain, rectified": LayerSpecimen(
        make=ours("BatchNormReLU2d", 3, eps=0.01, momentum=None, affine=False),
        torch=lambda nn: _rectified(nn, nn.BatchNorm2d(3, eps=0.01, momentum=None, affine=False)),
        shape=(4, 3, 5, 2),
        stated=False,
    ),
    "batch norm of images, gain frozen": LayerSpecimen(
        make=lambda rng, dtype: layers.BatchNorm2d(3, dtype=dtype).freeze("weight"),
        torch=lambda nn: _frozen(nn.BatchNorm2d(3)),
        shape=(4, 3, 5, 2),
    ),
    "batch norm of images, gelu": LayerSpecimen(
        make=ours("BatchNormGELU2d", 3), torch=lambda nn: _gelu(nn, nn.BatchNorm2d(3)), shape=(4, 3, 5, 2)
    ),
    "batch norm of images, gelu, gain frozen": LayerSpecimen(
        make=lambda rng, dtype: layers.BatchNormGELU2d(3, eps=1e-12, momentum=0.4, dtype=dtype).freeze("weight"),
        torch=lambda nn: _frozen(_gelu(nn, nn.BatchNorm2d(3, eps=1e-12, momentum=0.4))),
        shape=(4, 3, 5, 2),
    ),
    "layer norm": LayerSpecimen(**alike("LayerNorm", 5)),
    "layer norm, two axes": LayerSpecimen(**alike("LayerNorm", (5, 2), eps=0.01), shape=(3, 4, 5, 2), stated=False),
    "layer norm without gain": LayerSpecimen(**alike("LayerNorm", 5, elementwise_affine=False), stated=False),
    "layer norm without bias": LayerSpecimen(**alike("LayerNorm", 5, bias=False), stated=False),
    "rms norm": LayerSpecimen(**alike("RMSNorm", 5, eps=0.01)),
    "rms norm, two axes": LayerSpecimen(**alike("RMSNorm", (5, 2)), shape=(3, 4, 5, 2), stated=False),
    "rms norm without gain": LayerSpecimen(**alike("RMSNorm", 5, elementwise_affine=False), stated=False),
    "group norm": LayerSpecimen(
        **alike("GroupNorm", 2, 6, eps=0.01),
        shape=(3, 6, 5, 2),
        symbols=_grouped_gain,
        input_as=_grouped,
        output_as=_grouped,
    ),
    "group norm without places": LayerSpecimen(**alike("GroupNorm", 2, 6), shape=(5, 6), stated=False),
    "group norm without gain": LayerSpecimen(**alike("GroupNorm", 3, 6, affine=False), shape=(4, 6, 5), stated=False),
    "instance norm of sequences": LayerSpecimen(**alike("InstanceNorm1d", 3, affine=True), shape=(2, 3, 5)),
    "instance norm of images": LayerSpecimen(**alike("InstanceNorm2d", 3, eps=0.01, affine=True), shape=(4, 3, 5, 2)),
    "instance norm of images without gain": LayerSpecimen(
        **alike("InstanceNorm2d", 3), shape=(4, 3, 5, 2), stated=False
    ),
}
