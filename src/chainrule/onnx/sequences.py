"""Attention and positions."""

from __future__ import annotations

import math

import numpy as np
from onnx import TensorProto

from chainrule import layers
from chainrule.onnx.graph import Graph


def write_attention(graph: Graph, layer: layers.MultiheadAttention, x: str, name: str) -> str:
    """What all heads read, side by side."""
    H, D, E = layer.num_heads, layer.head_dim, layer.embed_dim
    projected = graph.add("MatMul", x, graph.weight(f"{name}in_proj_weight", layer.in_proj_weight.T))
    if layer.in_proj_bias is not None:
        projected = graph.add("Add", projected, graph.weight(f"{name}in_proj_bias", layer.in_proj_bias))
    apart = graph.add("Reshape", projected, graph.integers(0, 0, 3, H, D))
    heads = graph.add("Transpose", apart, perm=[2, 0, 3, 1, 4])  # (3, S, H, T, D)
    Q, K, V = (graph.add("Gather", heads, graph.integer(k), axis=0) for k in range(3))
    if layer.rotary is not None:
        Q, K = turn(graph, layer.rotary, Q), turn(graph, layer.rotary, K)
    logits = graph.add("MatMul", Q, graph.add("Transpose", K, perm=[0, 1, 3, 2]))
    logits = graph.add("Mul", logits, graph.number(1 / math.sqrt(D)))
    if layer.causal:
        place = _count(graph, x, 1)
        seen = graph.add("GreaterOrEqual", graph.add("Unsqueeze", place, graph.integers(1)), place)
        logits = graph.add("Where", seen, logits, graph.number(-math.inf))
    read = graph.add("MatMul", graph.add("Softmax", logits, axis=-1), V)
    return graph.add("Reshape", graph.add("Transpose", read, perm=[0, 2, 1, 3]), graph.integers(0, 0, E))


def turn(graph: Graph, layer: layers.RotaryEmbedding, x: str) -> str:
    """Turn the pairs of features of x (…, T, D) by angles that grow with the step: in float64, and brought below 2π."""
    D = layer.dim
    steps = graph.add("Cast", _count(graph, x, -2), to=TensorProto.DOUBLE)
    slowness = graph.array("rotation", layer.base ** (-np.arange(0, D, 2) / D))
    angles = graph.add("Mul", graph.add("Unsqueeze", steps, graph.integers(1)), slowness)
    angles = graph.add("Mod", angles, graph.array("turn", np.array(2 * math.pi)), fmod=1)
    angles = graph.add("Cast", angles, to=graph.element)
    cos, sin = graph.add("Cos", angles), graph.add("Sin", angles)
    pairs = graph.add("Concat", graph.add("Shape", x, end=-1), graph.integers(*_pairs(layer)), axis=0)
    a, b = graph.halve(graph.add("Reshape", x, pairs), -1 if layer.interleaved else -2)
    a, b = (graph.add("Squeeze", half, graph.integers(-1 if layer.interleaved else -2)) for half in (a, b))
    first = graph.add("Sub", graph.add("Mul", a, cos), graph.add("Mul", b, sin))
    second = graph.add("Add", graph.add("Mul", b, cos), graph.add("Mul", a, sin))
    axis = graph.integers(-1 if layer.interleaved else -2)
    apart = [graph.add("Unsqueeze", half, axis) for half in (first, second)]
    joined = graph.add("Concat", *apart, axis=-1 if layer.interleaved else -2)
    return graph.add("Reshape", joined, graph.add("Shape", x))


def _pairs(layer: layers.RotaryEmbedding) -> tuple[int, int]:
    return (layer.dim // 2, 2) if layer.interleaved else (2, layer.dim // 2)


def _count(graph: Graph, x: str, axis: int) -> str:
    """Return 0, 1, … up to the size of an axis of x."""
    size = graph.add("Gather", graph.add("Shape", x), graph.integer(axis))
    return graph.add("Range", graph.integer(0), size, graph.integer(1))
