"""Windows whose size depends on that of the image."""

from __future__ import annotations

import numpy as np

from chainrule import layers
from chainrule.onnx.graph import Graph


def write_adaptive_pooling(graph: Graph, layer: layers.AdaptiveAvgPool2d, x: str, name: str) -> str:
    """`A x Bᵀ`, with the shares A and B of rows and columns made for the size of the image."""
    rows, columns = (_write_shares(graph, x, size, axis) for axis, size in enumerate(layer.output_size, start=2))
    return graph.add("MatMul", graph.add("MatMul", rows, x), graph.add("Transpose", columns, perm=[1, 0]))


def _write_shares(graph: Graph, x: str, windows: int, axis: int) -> str:
    """(windows, places): one divided by the number of places in window i, from ⌊i n / w⌋ up to ⌈(i + 1) n / w⌉."""
    size = graph.add("Squeeze", graph.add("Shape", x, start=axis, end=axis + 1))
    place = graph.add("Range", graph.integer(0), size, graph.integer(1))
    index, count = graph.array("windows", np.arange(windows)[:, None]), graph.integer(windows)
    first = graph.add("Div", graph.add("Mul", index, size), count)
    beyond = graph.add("Mul", graph.add("Add", index, graph.integer(1)), size)
    end = graph.add("Div", graph.add("Add", beyond, graph.integer(windows - 1)), count)
    inside = graph.add("And", graph.add("GreaterOrEqual", place, first), graph.add("Less", place, end))
    shares = graph.add("Cast", inside, to=graph.element)
    return graph.add("Div", shares, graph.add("ReduceSum", shares, graph.integers(1), keepdims=1))
