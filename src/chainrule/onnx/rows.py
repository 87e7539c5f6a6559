"""The operators that each layer becomes: `row(graph, layer, x, name)` adds them and returns the name of the output.

`x` is the name of the input, `name` the prefix of the layer's own arrays, as in a state dict: "0.", "body.2.". A layer
is written as it is in evaluation: dropout leaves everything as it is, batch norm takes its running statistics. A row
holds for every rank and size of the input that the layer takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import layers, nets
from chainrule.errors import UserError
from chainrule.onnx.graph import Array, Graph
from chainrule.onnx.normalization import write_group_norm, write_rms_norm
from chainrule.onnx.recurrent import write_gru, write_lstm, write_rnn
from chainrule.onnx.sequences import turn, write_attention
from chainrule.onnx.windows import write_adaptive_pooling

Row = Callable[[Graph, Any, str, str], str]
ROWS: dict[type[layers.Layer], Row] = {}


def write_layer(graph: Graph, layer: layers.Layer, x: str, name: str = "") -> str:
    """Add a layer's operators to the graph; return the name of its output. Raises UserError where it has no row."""
    for kind in type(layer).__mro__:
        if kind in ROWS and type(layer).forward is kind.forward:  # else it computes something else
            return ROWS[kind](graph, layer, x, name)
    raise UserError(f"{layer!r} has no row in chainrule.onnx.rows, so it cannot be exported to ONNX")


def row(kind: type[layers.Layer]) -> Callable[[Row], Row]:
    """Register what a kind of layer becomes."""

    def register(write: Row) -> Row:
        ROWS[kind] = write
        return write

    return register


def operator(kind: type[layers.Layer], name: str, **attributes: Callable[[Any], Any]) -> None:
    """Register a layer that is one operator; the attributes are made of the layer."""
    ROWS[kind] = lambda graph, layer, x, prefix: graph.add(name, x, **{k: of(layer) for k, of in attributes.items()})


operator(layers.ReLU, "Relu")
operator(layers.Tanh, "Tanh")
operator(layers.Sigmoid, "Sigmoid")
operator(layers.ELU, "Elu", alpha=lambda layer: layer.alpha)
operator(layers.LeakyReLU, "LeakyRelu", alpha=lambda layer: layer.negative_slope)
operator(layers.Mish, "Mish")
operator(layers.GELU, "Gelu", approximate=lambda layer: layer.approximate)
operator(layers.Softmax, "Softmax", axis=lambda layer: layer.dim)
operator(layers.LogSoftmax, "LogSoftmax", axis=lambda layer: layer.dim)
operator(layers.Dropout, "Identity")
operator(layers.Dropout2d, "Identity")
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
ROWS |= {
    layers.RNN: write_rnn,
    layers.LSTM: write_lstm,
    layers.GRU: write_gru,
    layers.RMSNorm: write_rms_norm,
    layers.GroupNorm: write_group_norm,
    layers.AdaptiveAvgPool2d: write_adaptive_pooling,
    layers.RotaryEmbedding: lambda graph, layer, x, name: turn(graph, layer, x),
}


@row(layers.SiLU)
def write_silu(graph: Graph, layer: layers.SiLU, x: str, name: str) -> str:
    """`x σ(x)`."""
    return graph.add("Mul", x, graph.add("Sigmoid", x))


@row(layers.Softplus)
def write_softplus(graph: Graph, layer: layers.Softplus, x: str, name: str) -> str:
    """`log(1 + exp(βx)) / β`, and x itself beyond the threshold."""
    scaled = graph.add("Mul", x, graph.number(layer.beta))
    beyond = graph.add("Greater", scaled, graph.number(layer.threshold))
    return graph.add("Where", beyond, x, graph.add("Div", graph.add("Softplus", scaled), graph.number(layer.beta)))


@row(layers.PReLU)
def write_prelu(graph: Graph, layer: layers.PReLU, x: str, name: str) -> str:
    """One leak for all, or channel by channel, with all places as one axis."""
    if layer.num_parameters == 1:
        return graph.add("PRelu", x, graph.weight(f"{name}weight", layer.weight))
    flat = graph.add("Reshape", x, graph.integers(0, layer.num_parameters, -1))
    y = graph.add("PRelu", flat, graph.weight(f"{name}weight", layer.weight[:, None]))
    return graph.add("Reshape", y, graph.add("Shape", x))


@row(layers.SwiGLU)
def write_swiglu(graph: Graph, layer: layers.SwiGLU, x: str, name: str) -> str:
    """`a σ(a) b` of the halves."""
    a, b = graph.halve(x, layer.dim)
    return graph.add("Mul", graph.add("Mul", a, graph.add("Sigmoid", a)), b)


@row(layers.GEGLU)
def write_geglu(graph: Graph, layer: layers.GEGLU, x: str, name: str) -> str:
    """`gelu(a) b` of the halves."""
    a, b = graph.halve(x, layer.dim)
    return graph.add("Mul", graph.add("Gelu", a, approximate="none"), b)


@row(layers.Embedding)
def write_embedding(graph: Graph, layer: layers.Embedding, x: str, name: str) -> str:
    """Rows of the table."""
    return graph.add("Gather", graph.weight(f"{name}weight", layer.weight), x, axis=0)


@row(layers.MultiheadAttention)
def write_multihead_attention(graph: Graph, layer: layers.MultiheadAttention, x: str, name: str) -> str:
    """All heads, then the layer that joins them."""
    return write_layer(graph, layer.out_proj, write_attention(graph, layer, x, name), f"{name}out_proj.")


@row(layers.Linear)
def write_linear(graph: Graph, layer: layers.Linear, x: str, name: str) -> str:
    """`X Wᵀ + b`: MatMul, unlike Gemm, takes any number of axes."""
    y = graph.add("MatMul", x, graph.weight(f"{name}weight", layer.weight.T))
    return y if layer.bias is None else graph.add("Add", y, graph.weight(f"{name}bias", layer.bias))


@row(layers.BlockLinear)
def write_block_linear(graph: Graph, layer: layers.BlockLinear, x: str, name: str) -> str:
    """`X_g W_gᵀ` for all groups at once, which one transpose brings to the front, and another back."""
    P, G, M, N = layer.places, layer.groups, layer.in_features, layer.out_features
    split = graph.add("Reshape", x, graph.integers(-1, P, G, M // G // P))
    rows = graph.add("Reshape", graph.add("Transpose", split, perm=[2, 0, 1, 3]), graph.integers(G, -1, M // G))
    products = graph.add("MatMul", rows, graph.weight(f"{name}weight", layer.weight.transpose(0, 2, 1)))
    split = graph.add("Reshape", products, graph.integers(G, -1, P, N // G // P))
    shape = graph.add("Concat", graph.add("Shape", x, start=0, end=-1), graph.integers(N), axis=0)
    y = graph.add("Reshape", graph.add("Transpose", split, perm=[1, 2, 0, 3]), shape)
    return y if layer.bias is None else graph.add("Add", y, graph.weight(f"{name}bias", layer.bias))


@row(layers.Gather)
def write_gather(graph: Graph, layer: layers.Gather, x: str, name: str) -> str:
    """Features by their numbers; the shape says how many there are."""
    features = graph.add("Reshape", x, graph.integers(-1, layer.in_features))
    return graph.add("Gather", features, graph.array(f"{name}index", layer.index), axis=1)


@row(layers.Conv2d)
def write_conv2d(graph: Graph, layer: layers.Conv2d, x: str, name: str) -> str:
    """A convolution, whichever algorithm computes it here."""
    kernel, stride, padding = layer.geometry
    arrays = [graph.weight(f"{name}weight", layer.weight)]
    arrays += [] if layer.bias is None else [graph.weight(f"{name}bias", layer.bias)]
    return graph.add("Conv", x, *arrays, kernel_shape=kernel, strides=stride, pads=padding * 2, group=layer.groups)


@row(layers.Conv1d)
def write_conv1d(graph: Graph, layer: layers.Conv1d, x: str, name: str) -> str:
    """A convolution along one axis."""
    kernel, stride, padding = (pair[1:] for pair in layer.geometry)
    arrays = [graph.weight(f"{name}weight", layer.weight)]
    arrays += [] if layer.bias is None else [graph.weight(f"{name}bias", layer.bias)]
    return graph.add("Conv", x, *arrays, kernel_shape=kernel, strides=stride, pads=padding * 2, group=layer.groups)


@row(layers.ConvTranspose2d)
def write_conv_transpose(graph: Graph, layer: layers.ConvTranspose2d, x: str, name: str) -> str:
    """A convolution's backward."""
    kernel, stride, padding = layer.geometry
    arrays = [graph.weight(f"{name}{kind}", array) for kind, array in layer.params.items()]
    settings: dict[str, Any] = {"kernel_shape": kernel, "strides": stride, "pads": padding * 2}
    return graph.add("ConvTranspose", x, *arrays, **settings, output_padding=layer.output_padding)


@row(layers.BatchNorm1d)
def write_batch_norm(graph: Graph, layer: layers.BatchNorm1d, x: str, name: str) -> str:
    """Batch norm with the running statistics, along axis 1: of BatchNorm1d and all that are made of it."""
    size = layer.num_features
    gain = np.ones(size) if layer.weight is None else layer.weight
    shift = np.zeros(size) if layer.bias is None else layer.bias
    arrays = {"weight": gain, "bias": shift, "running_mean": layer.running_mean, "running_var": layer.running_var}
    names = [graph.weight(f"{name}{kind}", array) for kind, array in arrays.items()]
    return graph.add("BatchNormalization", x, *names, epsilon=layer.eps)


ROWS[layers.BatchNorm2d] = write_batch_norm


@row(layers.BatchNormReLU2d)
def write_rectified_batch_norm(graph: Graph, layer: layers.BatchNormReLU2d, x: str, name: str) -> str:
    """Batch norm, then ReLU."""
    return graph.add("Relu", write_batch_norm(graph, layer, x, name))


@row(layers.BatchNormGELU2d)
def write_batch_norm_gelu(graph: Graph, layer: layers.BatchNormGELU2d, x: str, name: str) -> str:
    """Batch norm, then GELU."""
    return graph.add("Gelu", write_batch_norm(graph, layer, x, name), approximate="none")


@row(layers.Scale)
def write_scale(graph: Graph, layer: layers.Scale, x: str, name: str) -> str:
    """A product with one number."""
    return graph.add("Mul", x, graph.number(layer.factor))


@row(layers.LayerNorm)
def write_layer_norm(graph: Graph, layer: layers.LayerNorm, x: str, name: str) -> str:
    """Layer norm over the last axes."""
    shape = layer.normalized_shape
    arrays: list[Array] = [np.ones(shape) if layer.weight is None else layer.weight]
    arrays += [] if layer.bias is None else [layer.bias]
    names = [graph.weight(f"{name}{kind}", array) for kind, array in zip(("weight", "bias"), arrays, strict=False)]
    return graph.add("LayerNormalization", x, *names, axis=-len(shape), epsilon=layer.eps)


@row(layers.Flatten)
def write_flatten(graph: Graph, layer: layers.Flatten, x: str, name: str) -> str:
    """Reshape to the sizes before, −1, and the sizes after; ONNX's own Flatten always leaves two axes."""
    if (layer.start_dim, layer.end_dim) == (1, -1):
        return graph.add("Flatten", x, axis=1)
    parts = [graph.add("Shape", x, start=0, end=layer.start_dim), graph.integers(-1)]
    if layer.start_dim == 0:
        del parts[0]
    if layer.end_dim != -1:
        parts.append(graph.add("Shape", x, start=layer.end_dim + 1))
    return graph.add("Reshape", x, graph.add("Concat", *parts, axis=0))


@row(layers.Residual)
def write_residual(graph: Graph, layer: layers.Residual, x: str, name: str) -> str:
    """`x + f(x)`."""
    return graph.add("Add", x, write_layer(graph, layer.body, x, f"{name}body."))


@row(nets.Sequential)
def write_sequential(graph: Graph, layer: nets.Sequential, x: str, name: str) -> str:
    """Layer after layer."""
    for own, child in layer.children.items():
        x = write_layer(graph, child, x, f"{name}{own}.")
    return x


ROWS |= dict.fromkeys((nets.ConvNet, nets.WhitenedConvNet), write_sequential)  # whose forwards check their input, too


@row(nets.PreAct)
def write_preact(graph: Graph, layer: nets.PreAct, x: str, name: str) -> str:
    """`x + conv(relu(batchnorm(x)))`."""
    return graph.add("Add", x, write_sequential(graph, layer, x, name))


@row(nets.RowRNN)
def write_row_rnn(graph: Graph, layer: nets.RowRNN, x: str, name: str) -> str:
    """The rows of the image as steps, the recurrent layer, and the linear one of the last state."""
    C, H, W = layer.shape
    rows = graph.add("Reshape", x, graph.integers(-1, C, H, W))
    steps = graph.add("Reshape", graph.add("Transpose", rows, perm=[0, 2, 1, 3]), graph.integers(-1, H, C * W))
    states = write_layer(graph, layer.rnn, steps, f"{name}rnn.")
    last = graph.add("Gather", states, graph.integer(H - 1), axis=1)
    return write_layer(graph, layer.linear, last, f"{name}linear.")
