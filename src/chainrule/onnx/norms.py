"""Normalisation."""

from __future__ import annotations

import numpy as np

from chainrule import layers
from chainrule.onnx.graph import Array, Graph
from chainrule.onnx.registry import row


@row(layers.BatchNorm1d, layers.BatchNorm2d)
def write_batch_norm(graph: Graph, layer: layers.BatchNorm1d, x: str, name: str) -> str:
    """Batch norm with the running statistics, along axis 1: of BatchNorm1d and all that are made of it."""
    size = layer.num_features
    gain = np.ones(size) if layer.weight is None else layer.weight
    shift = np.zeros(size) if layer.bias is None else layer.bias
    arrays = {"weight": gain, "bias": shift, "running_mean": layer.running_mean, "running_var": layer.running_var}
    names = [graph.weight(f"{name}{kind}", array) for kind, array in arrays.items()]
    return graph.add("BatchNormalization", x, *names, epsilon=layer.eps)


@row(layers.BatchNormReLU2d)
def write_rectified_batch_norm(graph: Graph, layer: layers.BatchNormReLU2d, x: str, name: str) -> str:
    """Batch norm, then ReLU."""
    return graph.add("Relu", write_batch_norm(graph, layer, x, name))


@row(layers.LayerNorm)
def write_layer_norm(graph: Graph, layer: layers.LayerNorm, x: str, name: str) -> str:
    """Layer norm over the last axes."""
    shape = layer.normalized_shape
    arrays: list[Array] = [np.ones(shape) if layer.weight is None else layer.weight]
    arrays += [] if layer.bias is None else [layer.bias]
    names = [graph.weight(f"{name}{kind}", array) for kind, array in zip(("weight", "bias"), arrays, strict=False)]
    return graph.add("LayerNormalization", x, *names, axis=-len(shape), epsilon=layer.eps)


@row(layers.RMSNorm)
def write_rms_norm(graph: Graph, layer: layers.RMSNorm, x: str, name: str) -> str:
    """`x / √(mean(x²) + ε)` over the last axes, times the gain."""
    eps = float(np.finfo(graph.dtype).eps) if layer.eps is None else layer.eps
    axes = graph.integers(*range(-len(layer.normalized_shape), 0))
    mean = graph.add("ReduceMean", graph.add("Mul", x, x), axes, keepdims=1)
    y = graph.add("Div", x, graph.add("Sqrt", graph.add("Add", mean, graph.number(eps))))
    return y if layer.weight is None else graph.add("Mul", y, graph.weight(f"{name}weight", layer.weight))


@row(layers.GroupNorm, layers.InstanceNorm1d, layers.InstanceNorm2d)
def write_group_norm(graph: Graph, layer: layers.GroupNorm, x: str, name: str) -> str:
    """Each group of a sample as one channel, normalised over its places; then gain and shift of each channel."""
    groups = graph.add("Reshape", x, graph.integers(0, layer.num_groups, -1))
    ends = [graph.weight(f"{name}{k}", np.full(layer.num_groups, v)) for k, v in (("ones", 1.0), ("zeros", 0.0))]
    y = graph.add("InstanceNormalization", groups, *ends, epsilon=layer.eps)
    if layer.weight is not None and layer.bias is not None:
        y = graph.add("Reshape", y, graph.integers(0, layer.num_channels, -1))
        y = graph.add("Mul", y, graph.weight(f"{name}weight", layer.weight[:, None]))
        y = graph.add("Add", y, graph.weight(f"{name}bias", layer.bias[:, None]))
    return graph.add("Reshape", y, graph.add("Shape", x))
