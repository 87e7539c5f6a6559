"""Embeddings, rotary positions and attention."""

from __future__ import annotations

import math

import numpy as np
from onnx import TensorProto

from chainrule import layers
from chainrule.onnx.graph import Graph
from chainrule.onnx.registry import row, write_layer

END = np.iinfo(np.int64).max  # of a slice that goes to the end


@row(layers.Embedding)
def write_embedding(graph: Graph, layer: layers.Embedding, x: str, name: str) -> str:
    """The row of each token."""
    return graph.add("Gather", graph.weight(f"{name}weight", layer.weight), x, axis=0)


@row(layers.RotaryEmbedding)
def write_rotary(graph: Graph, layer: layers.RotaryEmbedding, x: str, name: str) -> str:
    """Pairs of features turned by `t base^(−2i / dim)`; the angles are brought below 2π in float64 first."""
    steps = graph.add("Squeeze", graph.add("Shape", x, start=-2, end=-1))
    t = graph.add("Cast", graph.add("Range", graph.integer(0), steps, graph.integer(1)), to=TensorProto.DOUBLE)
    rates = layer.base ** (-np.arange(0, layer.dim, 2) / layer.dim)
    angles = graph.add("Mul", graph.add("Unsqueeze", t, graph.integers(1)), graph.doubles(rates))
    angles = graph.add("Mod", angles, graph.doubles(2 * math.pi), fmod=1)
    angles = graph.add("Cast", angles, to=graph.element)
    cos, sin = graph.add("Cos", angles), graph.add("Sin", angles)
    if layer.interleaved:
        a, b = (_cut(graph, x, start, END, 2) for start in (0, 1))
    else:
        a, b = _cut(graph, x, 0, layer.dim // 2, 1), _cut(graph, x, layer.dim // 2, END, 1)
    first = graph.add("Sub", graph.add("Mul", a, cos), graph.add("Mul", b, sin))
    second = graph.add("Add", graph.add("Mul", b, cos), graph.add("Mul", a, sin))
    if not layer.interleaved:
        return graph.add("Concat", first, second, axis=-1)
    pairs = [graph.add("Unsqueeze", half, graph.integers(-1)) for half in (first, second)]
    return graph.add("Reshape", graph.add("Concat", *pairs, axis=-1), graph.add("Shape", x))


def _cut(graph: Graph, x: str, start: int, end: int, step: int) -> str:
    ends = (graph.integers(start), graph.integers(end), graph.integers(-1), graph.integers(step))
    return graph.add("Slice", x, *ends)


@row(layers.MultiheadAttention)
def write_attention(graph: Graph, layer: layers.MultiheadAttention, x: str, name: str) -> str:
    """`softmax(Q Kᵀ / √D) V` for each head, of X read by itself, without masks but the causal one."""
    H, D, E = layer.num_heads, layer.head_dim, layer.embed_dim
    projected = graph.add("MatMul", x, graph.weight(f"{name}in_proj_weight", layer.in_proj_weight.T))
    if layer.in_proj_bias is not None:
        projected = graph.add("Add", projected, graph.weight(f"{name}in_proj_bias", layer.in_proj_bias))
    parts = graph.add_all("Split", projected, outputs=3, axis=2, num_outputs=3)
    heads = [graph.add("Reshape", part, graph.integers(0, 0, H, D)) for part in parts]
    Q, K, V = (graph.add("Transpose", part, perm=[0, 2, 1, 3]) for part in heads)
    if layer.rotary is not None:
        Q, K = (write_layer(graph, layer.rotary, part) for part in (Q, K))
    scaled = graph.add("Mul", Q, graph.number(1 / math.sqrt(D)))
    logits = graph.add("MatMul", scaled, graph.add("Transpose", K, perm=[0, 1, 3, 2]))
    if layer.causal:
        T = graph.add("Squeeze", graph.add("Shape", x, start=1, end=2))
        places = graph.add("Range", graph.integer(0), T, graph.integer(1))
        later = graph.add("Less", graph.add("Unsqueeze", places, graph.integers(1)), places)
        logits = graph.add("Where", later, graph.number(-math.inf), logits)
    read = graph.add("MatMul", graph.add("Softmax", logits, axis=-1), V)
    rows = graph.add("Reshape", graph.add("Transpose", read, perm=[0, 2, 1, 3]), graph.integers(0, 0, E))
    return write_layer(graph, layer.out_proj, rows, f"{name}out_proj.")
