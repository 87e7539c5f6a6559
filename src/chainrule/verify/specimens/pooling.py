"""Specimens of the poolings."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule.verify.specimens.specimen import Array, LayerSpecimen, alike, ours, strides_and_padding


def _max_pool_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    return {"P": _outside(layer, X), **strides_and_padding(layer)}


def _avg_pool_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    return {"share": _shares(layer, X), **strides_and_padding(layer)}


def _outside(layer: Any, X: Array) -> Array:
    """[i,j,a,e]: infinite where entry (a, e) of the window at (i, j) lies in the padding, else 0."""
    rows, columns = (
        (stride * np.arange((size + 2 * padding - kernel) // stride + 1)[:, None] + np.arange(kernel) - padding, size)
        for size, kernel, stride, padding in zip(X.shape[2:], *layer.geometry, strict=True)
    )
    beyond_row, beyond_column = ((places < 0) | (places >= size) for places, size in (rows, columns))
    return np.where(beyond_row[:, None, :, None] | beyond_column[None, :, None, :], np.inf, 0.0)


def _shares(layer: Any, X: Array) -> Array:
    """[a,e,i,j]: one divided by how many entries of the window at (i, j) count."""
    counted = np.isfinite(_outside(layer, X)) if not layer.count_include_pad else np.ones_like(_outside(layer, X))
    shares = np.broadcast_to(1 / counted.sum(axis=(2, 3), keepdims=True), counted.shape)
    return shares.transpose(2, 3, 0, 1)


def _adaptive_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    A, B = layer.shares(X.shape, X.real.dtype)
    return {"A": A, "B": B}


LAYERS = {
    "max pooling": LayerSpecimen(
        **alike("MaxPool2d", (2, 3), stride=(3, 2), padding=(1, 1)), shape=(3, 2, 7, 5), symbols=_max_pool_symbols
    ),
    "max pooling, stride of the kernel": LayerSpecimen(**alike("MaxPool2d", 2), shape=(3, 2, 7, 5), stated=False),
    "average pooling": LayerSpecimen(
        **alike("AvgPool2d", (2, 3), stride=(3, 2), padding=(1, 1)), shape=(3, 2, 7, 5), symbols=_avg_pool_symbols
    ),
    "average pooling within the image": LayerSpecimen(
        **alike("AvgPool2d", 3, stride=2, padding=1, count_include_pad=False),
        shape=(3, 2, 4, 5),
        symbols=_avg_pool_symbols,
    ),
    "global average pooling": LayerSpecimen(
        make=ours("GlobalAvgPool"),
        torch=lambda nn: nn.AdaptiveAvgPool2d(1),
        shape=(3, 2, 4, 5),
        symbols=lambda layer, X, cache: {"one": np.ones((1, 1))},
    ),
    "adaptive average pooling": LayerSpecimen(
        **alike("AdaptiveAvgPool2d", (3, 2)), shape=(3, 2, 7, 5), symbols=_adaptive_symbols
    ),
    "adaptive average pooling to more places": LayerSpecimen(
        **alike("AdaptiveAvgPool2d", 5), shape=(3, 2, 4, 6), symbols=_adaptive_symbols
    ),
}
