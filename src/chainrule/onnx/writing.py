"""A layer or a network as an ONNX model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import DTypeLike
from onnx import TensorProto, helper

from chainrule import layers, nets
from chainrule.errors import UserError
from chainrule.layers.pooling.pooling import Pooling
from chainrule.onnx.graph import IR_VERSION, OPSET, Graph
from chainrule.onnx.rows import write_layer

NAMES = ("S", "C", "H", "W", "D")  # of sizes that may be any


def find_shape(layer: layers.Layer) -> tuple[int | None, ...]:
    """Return the shape of the input of a layer or network, None where any size will do, as far as its parts tell."""
    for _, part in layer.modules():
        if isinstance(part, nets.RowRNN):
            return None, *part.shape
        if isinstance(part, layers.RNN | layers.LSTM | layers.GRU):
            return None, None, part.input_size
        if isinstance(part, layers.Embedding):
            return None, None
        if isinstance(part, layers.MultiheadAttention):
            return None, None, part.embed_dim
        if isinstance(part, layers.RotaryEmbedding):
            return None, None, part.dim
        if isinstance(part, layers.Conv1d):
            return None, part.in_channels, None
        if isinstance(part, layers.InstanceNorm1d):  # InstanceNorm2d is one
            return None, part.num_channels, *(None for _ in part.axes)
        if isinstance(part, layers.Conv2d | layers.ConvTranspose2d):
            return None, part.in_channels, None, None
        if isinstance(part, layers.BatchNorm2d | layers.BatchNormReLU2d):
            return None, part.num_features, None, None
        if isinstance(part, Pooling | layers.GlobalAvgPool | layers.AdaptiveAvgPool2d | layers.Dropout2d):
            return None, None, None, None
        if isinstance(part, layers.LayerNorm | layers.RMSNorm):
            return None, *part.normalized_shape
        if isinstance(part, layers.BatchNorm1d):
            return None, part.num_features
        if isinstance(part, layers.Linear | layers.BlockLinear | layers.Gather):
            return None, part.in_features
    return None, None


def reads_tokens(layer: layers.Layer) -> bool:
    """Whether the input is of class numbers: the first of the layers is an embedding."""
    return isinstance(next(part for _, part in layer.modules() if not part.children), layers.Embedding)


def to_onnx(
    layer: layers.Layer,
    path: str | Path | None = None,
    *,
    shape: Sequence[int | str | None] | None = None,
    dtype: DTypeLike = np.float32,
    preprocessing: tuple[Any, Any] | None = None,
) -> onnx.ModelProto:
    """Return the ONNX model of a layer or network as it is in evaluation; write it to `path` where that is given.

    The input is "X", of int64 where the first layer is an embedding, and the output "Y". shape: of X, where None or a
    name stands for any size; without it, what the first layer says: its features or channels, in batches and pictures
    of any size. dtype: of inputs, weights and outputs. preprocessing: shift and scale (each an array or None) with
    which `(X − shift) scale`, the network's own input, is made of pixels X of 0 to 255.

    The model has passed the ONNX checker. Raises UserError for a layer that has no row, or a dtype that is not of
    floats.
    """
    if np.dtype(dtype).kind != "f":
        raise UserError(f"to_onnx: dtype is {np.dtype(dtype)}, but must be one of floats, such as float32")
    graph = Graph(dtype)
    x = graph.name("X")
    for operator, array in zip(("Sub", "Mul"), preprocessing or (), strict=False):
        if array is not None:
            x = graph.add(operator, x, graph.weight("shift" if operator == "Sub" else "scale", np.asarray(array)))
    y = write_layer(graph, layer, x)
    graph.nodes.append(helper.make_node("Identity", [y], ["Y"]))
    sizes = [NAMES[k] if size is None else size for k, size in enumerate(shape or find_shape(layer))]
    element = TensorProto.INT64 if reads_tokens(layer) else graph.element
    ends = [helper.make_tensor_value_info("X", element, sizes)]
    outs = [helper.make_tensor_value_info("Y", graph.element, None)]
    body = helper.make_graph(graph.nodes, type(layer).__name__, ends, outs, list(graph.initializers.values()))
    model = helper.make_model(
        body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="chainrule"
    )
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)  # the shape of Y, too
    onnx.checker.check_model(model, full_check=True)
    if path is not None:
        Path(path).write_bytes(model.SerializeToString())
    return model
