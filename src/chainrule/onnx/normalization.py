"""Norms that are several operators."""

from __future__ import annotations

import numpy as np

from chainrule import layers
from chainrule.onnx.graph import Graph


def write_rms_norm(graph: Graph, layer: layers.RMSNorm, x: str, name: str) -> str:
    """`x / √(mean(x²) + ε)` over the last axes, times the gain."""
    eps = float(np.finfo(graph.dtype).eps) if layer.eps is None else layer.eps
    axes = graph.integers(*range(-len(layer.normalized_shape), 0))
    squares = graph.add("ReduceMean", graph.add("Mul", x, x), axes, keepdims=1)
    y = graph.add("Div", x, graph.add("Sqrt", graph.add("Add", squares, graph.number(eps))))
    return y if layer.weight is None else graph.add("Mul", y, graph.weight(f"{name}weight", layer.weight))


def write_group_norm(graph: Graph, layer: layers.GroupNorm, x: str, name: str) -> str:
    """Each group as a row, then gain and shift channel by channel, with all places as one axis.

    ONNX's own GroupNormalization has a gain for each group in this release, and one for each channel in the next.
    """
    G, C = layer.num_groups, layer.num_channels
    ones, zeros = graph.weight(f"{name}ones", np.ones(G)), graph.weight(f"{name}zeros", np.zeros(G))
    rows = graph.add("Reshape", x, graph.integers(0, G, -1))
    y = graph.add("InstanceNormalization", rows, ones, zeros, epsilon=layer.eps)
    if layer.weight is not None and layer.bias is not None:
        y = graph.add("Reshape", y, graph.integers(0, C, -1))
        y = graph.add("Mul", y, graph.weight(f"{name}weight", layer.weight[:, None]))
        y = graph.add("Add", y, graph.weight(f"{name}bias", layer.bias[:, None]))
    return graph.add("Reshape", y, graph.add("Shape", x))
