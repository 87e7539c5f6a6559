"""What layers of several operators may stand at a value: each guess is a layer, and who writes it so.

A guess is made of what the operators at hand suggest, such as the size of a constant; patterns.py tells whether it
holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

import numpy as np
from onnx import GraphProto, NodeProto, helper

from chainrule import layers, nets
from chainrule.onnx.graph import Array, Graph
from chainrule.onnx.recurrent import GATES
from chainrule.onnx.rows import Row, write_layer

REACH = 200  # operators after a value that may be part of the layer
Guess = Iterator[tuple[layers.Layer, Row]]


class Model(Protocol):
    """What is known of a model: its constants, and who makes and who uses each value."""

    graph: GraphProto
    constants: dict[str, Array]
    users: defaultdict[str, list[NodeProto]]
    maker: dict[str, NodeProto]
    shapes: dict[str, tuple[int, ...]]  # 0 for a size that may be any


class Region:
    """The operators that follow a value, the nearest first."""

    def __init__(self, reader: Model, x: str) -> None:
        self.reader, self.x = reader, x
        found: dict[str, NodeProto] = {}  # by its first output
        values = [x]
        for value in values:
            for node in reader.users[value]:
                if node.output[0] not in found and len(found) < REACH:
                    found[node.output[0]] = node
                    values += node.output
        self.nodes = [*found.values()]

    def each(self, kind: str) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        """Yield the attributes and the constants (None for what is computed) of the operators of a kind."""
        for node in self.nodes:
            if node.op_type == kind:
                yield read_attributes(node), [self.reader.constants.get(name) for name in node.input]

    def first(self, kind: str) -> tuple[dict[str, Any], list[Any]]:
        """Return those of the nearest; raise LookupError where there is none."""
        for found in self.each(kind):
            return found
        raise LookupError(kind)

    def constants(self, kind: str, place: int = 1) -> list[Array]:
        """Return the constants that stand at a place of the inputs of operators of a kind."""
        found = [arrays[place] for _, arrays in self.each(kind) if len(arrays) > place]
        return [array for array in found if array is not None]


def read_attributes(node: NodeProto) -> dict[str, Any]:
    """Return the attributes of an operator by their names."""
    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def fill(layer: layers.Layer, **arrays: Array | None) -> layers.Layer:
    """Give a layer the arrays that there are; return it."""
    layer.load_state_dict({**layer.state_dict(), **{name: a for name, a in arrays.items() if a is not None}})
    return layer


def guess_flatten(region: Region) -> Guess:
    """Axes in the middle."""
    for start in range(4):
        for end in (-1, -2, -3):
            yield layers.Flatten(start, end), write_layer


def guess_gather(region: Region) -> Guess:
    """Numbers of features, and how many there are."""
    yield layers.Gather(int(region.constants("Reshape")[0][1]), region.constants("Gather")[0]), write_layer


def guess_block_linear(region: Region) -> Guess:
    """The first shape has places and groups; with a bias, if one is added, or without."""
    _, places, groups, _ = (int(size) for size in region.constants("Reshape")[0])
    weight = region.constants("MatMul")[0].transpose(0, 2, 1)
    M, N = groups * weight.shape[2], groups * weight.shape[1]
    for bias in (*(array for array in region.constants("Add") if array.shape == (N,)), None):
        layer = layers.BlockLinear(M, N, groups, places, bias is not None, dtype=weight.dtype)
        yield fill(layer, weight=weight, bias=bias), write_layer


def guess_softplus(region: Region) -> Guess:
    """The factor and the threshold stand there."""
    beta = float(region.constants("Mul")[0])
    for threshold in region.constants("Greater"):
        yield layers.Softplus(beta, float(threshold)), write_layer
    yield layers.Softplus(beta), _write_scaled_softplus


def _write_scaled_softplus(graph: Graph, layer: Any, x: str, name: str) -> str:
    beta = graph.number(layer.beta)
    return graph.add("Div", graph.add("Softplus", graph.add("Mul", x, beta)), beta)


def guess_mish(region: Region) -> Guess:
    """As releases before the operator of that name have it."""
    yield layers.Mish(), lambda graph, layer, x, name: graph.add("Mul", x, graph.add("Tanh", graph.add("Softplus", x)))


def guess_prelu(region: Region) -> Guess:
    """Leaks channel by channel."""
    weight = region.constants("PRelu")[0]
    yield fill(layers.PReLU(weight.size, dtype=weight.dtype), weight=weight.ravel()), write_layer
    yield fill(layers.PReLU(weight.size, dtype=weight.dtype), weight=weight.ravel()), _write_flat_prelu


def _write_flat_prelu(graph: Graph, layer: Any, x: str, name: str) -> str:
    return graph.add("PRelu", x, graph.weight("weight", layer.weight[:, None, None]))


def guess_gated(region: Region) -> Guess:
    """Two halves along an axis."""
    axis = region.first("Split")[0].get("axis", 0)
    for kind in (layers.SwiGLU, layers.GEGLU):
        yield kind(axis), write_layer


def guess_rms_norm(region: Region) -> Guess:
    """The last axes; with a gain, which says how long they are, or without one."""
    count = region.constants("ReduceMean")[0].size
    eps = float(region.constants("Add")[0])
    for weight in region.constants("Mul"):
        if weight.ndim == count:
            yield fill(layers.RMSNorm(weight.shape, eps, dtype=weight.dtype), weight=weight), write_layer
    if shape := region.reader.shapes.get(region.x):
        yield layers.RMSNorm(shape[-count:], eps, elementwise_affine=False), write_layer


def guess_group_norm(region: Region) -> Guess:
    """Groups as rows, which instance normalisation treats one by one."""
    groups = int(region.constants("Reshape")[0][1])
    eps = region.first("InstanceNormalization")[0].get("epsilon", 1e-5)
    for weight, bias in zip(region.constants("Mul"), region.constants("Add"), strict=False):
        layer = layers.GroupNorm(groups, weight.size, eps, dtype=weight.dtype)
        filled = fill(layer, weight=weight.ravel(), bias=bias.ravel())
        yield filled, write_layer
        yield filled, partial(_write_group_norm, rank=weight.ndim)
    if shape := region.reader.shapes.get(region.x):
        yield layers.GroupNorm(groups, shape[1], eps, affine=False), write_layer


def _write_group_norm(graph: Graph, layer: Any, x: str, name: str, rank: int) -> str:
    """As PyTorch writes it."""
    ones, zeros = (graph.weight(name, f(layer.num_groups)) for name, f in (("ones", np.ones), ("zeros", np.zeros)))
    rows = graph.add("Reshape", x, graph.integers(0, layer.num_groups, -1))
    y = graph.add("InstanceNormalization", rows, ones, zeros, epsilon=layer.eps)
    y = graph.add("Reshape", y, graph.add("Shape", x))
    shape = (-1, *(1,) * (rank - 1))
    y = graph.add("Mul", y, graph.weight("weight", layer.weight.reshape(shape)))
    return graph.add("Add", y, graph.weight("bias", layer.bias.reshape(shape)))


def guess_adaptive_pooling(region: Region) -> Guess:
    """As many windows as there are numbers to count them."""
    sizes = [array.size for array in region.constants("Mul", 0) if array.ndim == 2]
    for rows in sizes:
        for columns in sizes:
            yield layers.AdaptiveAvgPool2d((rows, columns)), write_layer


def guess_recurrent(region: Region) -> Guess:
    """The gates in PyTorch's order."""
    for kind in (layers.RNN, layers.LSTM, layers.GRU):
        for settings, (_, W, R, *rest) in region.each(kind.__name__):
            N, M = R.shape[2], W.shape[2]
            bias = rest[0] if rest and rest[0] is not None else None
            (first, *_) = settings.get("activations", [b"Tanh"])
            more = {"nonlinearity": first.decode().lower()} if kind is layers.RNN else {}
            layer = kind(M, N, bias=bias is not None, dtype=W.dtype, **more)
            back = np.argsort(GATES[kind.__name__])

            def arrange(array: Array, N: int = N, back: Any = back) -> Array:
                return np.concatenate([array.reshape(len(back), N, *array.shape[1:])[k] for k in back])

            arrays = {"weight_ih_l0": arrange(W[0]), "weight_hh_l0": arrange(R[0])}
            if bias is not None:
                own, other = np.split(bias[0], 2)
                arrays |= {"bias_ih_l0": arrange(own), "bias_hh_l0": arrange(other)}
            yield fill(layer, **arrays), write_layer


def guess_row_rnn(region: Region) -> Guess:
    """A picture whose rows are steps."""
    C, H, W = (int(size) for size in region.constants("Reshape")[0][1:])
    for rnn, _ in guess_recurrent(region):
        for weight in region.constants("MatMul"):
            if not isinstance(rnn, layers.RNN):
                continue
            net = nets.RowRNN((C, H, W), rnn.hidden_size, weight.shape[1], dtype=weight.dtype)
            net.rnn = rnn
            bias = [array for array in region.constants("Add") if array.shape == weight.shape[1:]]
            yield fill(net, **{"linear.weight": weight.T, "linear.bias": bias[0]}), write_layer


def guess_rotation(region: Region) -> Iterator[layers.RotaryEmbedding]:
    """Yield the rotary embeddings whose slownesses stand there."""
    for slowness in (array for array in region.constants("Mul") if array.ndim == 1 and array.dtype == np.float64):
        dim = 2 * slowness.size
        base = float(slowness[1] ** (-dim / 2)) if slowness.size > 1 else 10_000.0
        for interleaved in (True, False):
            yield layers.RotaryEmbedding(dim, float(f"{base:.10g}"), interleaved=interleaved)


def guess_rotary(region: Region) -> Guess:
    """Pairs of features that are turned."""
    for layer in guess_rotation(region):
        yield layer, write_layer


def guess_attention(region: Region) -> Guess:
    """Heads as a reshaping tells their number; then what joins them."""
    weights = [array for array in region.constants("MatMul") if array.ndim == 2]
    first, E = weights[0], weights[0].shape[0]
    (heads, *_) = [int(shape[3]) for shape in region.constants("Reshape") if shape.size == 5]
    (last, *_) = [array for array in weights if array.shape == (E, E)]
    biases = [array for array in region.constants("Add") if array.ndim == 1]
    own = next((array for array in biases if array.size == 3 * E), None)
    other = next((array for array in biases if array.size == E), None)
    for rotary in (None, *guess_rotation(region)):
        for causal in (False, True):
            layer = layers.MultiheadAttention(
                E, heads, own is not None, causal=causal, rotary=rotary, dtype=first.dtype
            )
            arrays = {"in_proj_weight": first.T, "in_proj_bias": own, "out_proj.weight": last.T, "out_proj.bias": other}
            yield fill(layer, **arrays), write_layer


GUESSES: tuple[tuple[str, Callable[[Region], Guess]], ...] = (  # by an operator that must be near
    ("Softmax", guess_attention),
    ("RNN", guess_row_rnn),
    ("RNN", guess_recurrent),
    ("LSTM", guess_recurrent),
    ("GRU", guess_recurrent),
    ("Cos", guess_rotary),
    ("InstanceNormalization", guess_group_norm),
    ("ReduceMean", guess_rms_norm),
    ("Softplus", guess_mish),
    ("Softplus", guess_softplus),
    ("PRelu", guess_prelu),
    ("Split", guess_gated),
    ("GreaterOrEqual", guess_adaptive_pooling),
    ("Gather", guess_gather),
    ("Transpose", guess_block_linear),
    ("Reshape", guess_flatten),
)
