"""Convolutions and pooling."""

from __future__ import annotations

from chainrule import layers
from chainrule.layers.convolution.convolution import Convolution
from chainrule.onnx.graph import Graph
from chainrule.onnx.registry import operator, row

operator(
    layers.MaxPool2d,
    "MaxPool",
    kernel_shape=lambda layer: layer.geometry.kernel,
    strides=lambda layer: layer.geometry.stride,
    pads=lambda layer: layer.geometry.padding * 2,
)
operator(
    layers.AvgPool2d,
    "AveragePool",
    kernel_shape=lambda layer: layer.geometry.kernel,
    strides=lambda layer: layer.geometry.stride,
    pads=lambda layer: layer.geometry.padding * 2,
    count_include_pad=lambda layer: int(layer.count_include_pad),
)
operator(layers.GlobalAvgPool, "GlobalAveragePool")


@row(layers.AdaptiveAvgPool2d)
def write_adaptive_pool(graph: Graph, layer: layers.AdaptiveAvgPool2d, x: str, name: str) -> str:
    """`A X Bᵀ`: means over windows that depend on the size of the image."""
    A, B = (_find_shares(graph, x, axis, windows) for axis, windows in zip((2, 3), layer.output_size, strict=True))
    return graph.add("MatMul", graph.add("MatMul", A, x), graph.add("Transpose", B, perm=[1, 0]))


def _find_shares(graph: Graph, x: str, axis: int, windows: int) -> str:
    """The share of each place in each window, (windows, places); window i is ⌊i n / w⌋ … ⌈(i + 1) n / w⌉."""
    n = graph.add("Shape", x, start=axis, end=axis + 1)
    places = graph.add("Range", graph.integer(0), graph.add("Squeeze", n), graph.integer(1))
    count = graph.integers(windows)
    first = graph.add("Div", graph.add("Mul", graph.column(range(windows)), n), count)
    ends = graph.add("Add", graph.add("Mul", graph.column(range(1, windows + 1)), n), graph.integers(windows - 1))
    before = graph.add("Less", places, graph.add("Div", ends, count))
    inside = graph.add("And", graph.add("GreaterOrEqual", places, first), before)
    shares = graph.add("Cast", inside, to=graph.element)
    return graph.add("Div", shares, graph.add("ReduceSum", shares, graph.integers(1), keepdims=1))


@row(layers.Conv1d, layers.Conv2d)
def write_convolution(graph: Graph, layer: Convolution, x: str, name: str) -> str:
    """A convolution, whichever algorithm computes it here."""
    kernel, stride, padding = (pair[-len(layer.axes) :] for pair in layer.geometry)
    arrays = [graph.weight(f"{name}{kind}", array) for kind, array in layer.params.items()]
    settings = {"kernel_shape": kernel, "strides": stride, "pads": padding * 2, "group": layer.groups}
    return graph.add("Conv", x, *arrays, **settings)


@row(layers.ConvTranspose2d)
def write_transposed_convolution(graph: Graph, layer: layers.ConvTranspose2d, x: str, name: str) -> str:
    """The backward of a convolution."""
    kernel, stride, padding = layer.geometry
    arrays = [graph.weight(f"{name}{kind}", array) for kind, array in layer.params.items()]
    settings = {"kernel_shape": kernel, "strides": stride, "pads": padding * 2, "output_padding": layer.output_padding}
    return graph.add("ConvTranspose", x, *arrays, **settings)
