"""Layers that are several operators, found in a model by writing them.

A *guess* makes a layer of what the operators at hand suggest: a constant's size, an attribute. The layer is written as
`rows` (or PyTorch) writes it, and counts as found only where the model holds exactly these operators with exactly these
constants, and uses no value between them for anything else. So a guess may be bold, and what is found is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import GraphProto, NodeProto, helper, numpy_helper

from chainrule import layers
from chainrule.errors import UserError
from chainrule.onnx.graph import Array, Graph
from chainrule.onnx.recurrent import GATES
from chainrule.onnx.rows import Row, write_layer

if TYPE_CHECKING:
    from chainrule.onnx.reading import Reader

REACH = 200  # operators after a value that may be part of the layer
ZEROS = ("Expand", "ConstantOfShape")  # what an initial state of zeros is made by


class Region:
    """The operators that follow a value, the nearest first."""

    def __init__(self, reader: Reader, x: str) -> None:
        self.reader, self.x = reader, x
        self.nodes: list[NodeProto] = []
        values = [x]
        for value in values:
            for node in reader.users[value]:
                if node not in self.nodes and len(self.nodes) < REACH:
                    self.nodes.append(node)
                    values += node.output

    def each(self, kind: str) -> Iterator[tuple[dict[str, Any], list[Any]]]:
        """Yield the attributes and the constants (None for what is computed) of the operators of a kind."""
        for node in self.nodes:
            if node.op_type == kind:
                yield _attributes(node), [self.reader.constants.get(name) for name in node.input]

    def first(self, kind: str) -> tuple[dict[str, Any], list[Any]]:
        """Return those of the nearest; raise LookupError where there is none."""
        for found in self.each(kind):
            return found
        raise LookupError(kind)

    def constants(self, kind: str, place: int = 1) -> list[Array]:
        """Return the constants that stand at a place of the inputs of operators of a kind."""
        found = [arrays[place] for _, arrays in self.each(kind) if len(arrays) > place]
        return [array for array in found if array is not None]


def find_pattern(reader: Reader, x: str, skipped: NodeProto | None) -> tuple[layers.Layer, str] | None:
    """Return the layer of several operators that begins at a value, and the value in which it ends, or None."""
    region = Region(reader, x)
    kinds = {node.op_type for node in region.nodes}
    for needed, guess in GUESSES:
        if needed not in kinds:
            continue
        try:
            for layer, write in guess(region):
                if (end := _match(reader, layer, write, x, skipped)) is not None:
                    return layer, end
        except (LookupError, ValueError, TypeError, AttributeError, UserError):
            continue  # a guess of what is not there
    return None


def _match(reader: Reader, layer: layers.Layer, write: Row, x: str, skipped: NodeProto | None) -> str | None:
    """Return the value in which the layer ends, where the model has the operators of the layer from x on."""
    dtype = next((array.dtype for array in layer.params.values()), np.dtype(np.float32))
    graph = Graph(dtype)
    begin = graph.name("X")
    end = write(graph, layer, begin, "")
    arrays = {name: numpy_helper.to_array(each) for name, each in graph.initializers.items()}
    known, used = {begin: x}, []
    for node in graph.nodes:
        near = next((reader.users[known[name]] for name in node.input if name in known), reader.graph.node)
        twin = next((each for each in near if each not in used and _is_same(reader, each, node, known, arrays)), None)
        if twin is None:
            return None
        known.update(zip(node.output, twin.output, strict=False))
        used += [twin, *_zero_states(reader, twin, len(node.input))]
    inner = [name for node in used for name in node.output if name != known[end]]
    closed = all(user in used for name in inner for user in reader.users[name])
    begun = all(user in used for user in reader.users[x] if user is not skipped)
    return known[end] if closed and begun and not {*inner} & {each.name for each in reader.graph.output} else None


def _is_same(
    reader: Reader, node: NodeProto, written: NodeProto, known: dict[str, str], arrays: dict[str, Array]
) -> bool:
    if (node.op_type, node.domain) != (written.op_type, written.domain):
        return False
    given, wanted = _attributes(node), _attributes(written)
    if any(name not in given or not _equal(given[name], value) for name, value in wanted.items()):
        return False
    if any(name not in wanted and not _is_default(name, value) for name, value in given.items()):
        return False
    count = len(written.input)
    if len(node.input) < count or (len(node.input) > count and not _zero_states(reader, node, count)):
        return False
    for name, own in zip(node.input, written.input, strict=False):
        if own in arrays:
            constant = reader.constants.get(name)
            if constant is None or constant.shape != arrays[own].shape or not _equal(constant, arrays[own]):
                return False
        elif known.get(own) != name:
            return False
    return True


def _equal(given: Any, wanted: Any) -> bool:
    if isinstance(given, GraphProto) or isinstance(wanted, GraphProto):
        return False
    if isinstance(given, bytes | str) or isinstance(wanted, bytes | str):
        return bool(given == wanted)
    return np.shape(given) == np.shape(wanted) and np.allclose(given, wanted, rtol=1e-7, atol=0)


def _is_default(name: str, value: Any) -> bool:
    return value == {"direction": b"forward", "layout": 0, "keepdims": 1, "allowzero": 0, "start": 0}.get(name)


def _attributes(node: NodeProto) -> dict[str, Any]:
    return {each.name: helper.get_attribute_value(each) for each in node.attribute}


def _zero_states(reader: Reader, node: NodeProto, count: int) -> list[NodeProto]:
    """Return what makes the states of zeros that a recurrent layer takes beyond its first inputs.

    Empty where there is none, or where one of them is anything else.
    """
    found: list[NodeProto] = []
    for name in node.input[count:]:
        if not name or (name in reader.constants and not reader.constants[name].any()):
            continue
        maker = reader.maker.get(name)
        if maker is None or maker.op_type not in ZEROS:
            return []
        filled = reader.constants.get(maker.input[0]) if maker.op_type == "Expand" else _fill_of(maker)
        if filled is None or np.any(filled):
            return []
        todo = [maker]
        for each in todo:  # and those that say how large they are
            if each not in found:
                found.append(each)
                todo += [reader.maker[size] for size in each.input if size in reader.maker]
    return [each for each in found if each.op_type != "Constant"] or [node]


def _fill_of(node: NodeProto) -> Array:
    value = _attributes(node).get("value")
    return np.zeros(1) if value is None else numpy_helper.to_array(value)


def fill(layer: layers.Layer, **arrays: Array | None) -> layers.Layer:
    """Give a layer the arrays that there are; return it."""
    layer.load_state_dict({**layer.state_dict(), **{name: a for name, a in arrays.items() if a is not None}})
    return layer


Guess = Iterator[tuple[layers.Layer, Row]]


def guess_flatten(region: Region) -> Guess:
    """Axes in the middle."""
    for start in range(4):
        for end in (-1, -2, -3):
            yield layers.Flatten(start, end), write_layer


def guess_softplus(region: Region) -> Guess:
    """The factor and the threshold stand there."""
    beta, threshold = region.constants("Mul")[0], region.constants("Greater")[0]
    yield layers.Softplus(float(beta), float(threshold)), write_layer


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
        yield filled, lambda graph, layer, x, name, rank=weight.ndim: _write_group_norm(graph, layer, x, rank)
    if shape := region.reader.shapes.get(region.x):
        yield layers.GroupNorm(groups, shape[1], eps, affine=False), write_layer


def _write_group_norm(graph: Graph, layer: Any, x: str, rank: int) -> str:
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
    for kind in (layers.LSTM, layers.GRU):
        for _, (_, W, R, *rest) in region.each(kind.__name__):
            N, M = R.shape[2], W.shape[2]
            bias = rest[0] if rest and rest[0] is not None else None
            layer = kind(M, N, bias=bias is not None, dtype=W.dtype)
            back = np.argsort(GATES[kind])

            def arrange(array: Array, N: int = N, back: Any = back) -> Array:
                return np.concatenate([array.reshape(len(back), N, *array.shape[1:])[k] for k in back])

            arrays = {"weight_ih_l0": arrange(W[0]), "weight_hh_l0": arrange(R[0])}
            if bias is not None:
                own, other = np.split(bias[0], 2)
                arrays |= {"bias_ih_l0": arrange(own), "bias_hh_l0": arrange(other)}
            yield fill(layer, **arrays), write_layer


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
    ("LSTM", guess_recurrent),
    ("GRU", guess_recurrent),
    ("Cos", guess_rotary),
    ("InstanceNormalization", guess_group_norm),
    ("ReduceMean", guess_rms_norm),
    ("Softplus", guess_softplus),
    ("PRelu", guess_prelu),
    ("Split", guess_gated),
    ("GreaterOrEqual", guess_adaptive_pooling),
    ("Reshape", guess_flatten),
)
