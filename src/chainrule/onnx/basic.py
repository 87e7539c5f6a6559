"""Linear maps, activations, and layers made of layers."""

from __future__ import annotations

from chainrule import layers, nets
from chainrule.layers.activations.gated.gated_unit import GatedUnit
from chainrule.onnx.graph import Graph
from chainrule.onnx.registry import operator, row, write_layer

operator(layers.ReLU, "Relu")
operator(layers.Tanh, "Tanh")
operator(layers.Sigmoid, "Sigmoid")
operator(layers.ELU, "Elu", alpha=lambda layer: layer.alpha)
operator(layers.LeakyReLU, "LeakyRelu", alpha=lambda layer: layer.negative_slope)
operator(layers.GELU, "Gelu", approximate=lambda layer: layer.approximate)
operator(layers.Softmax, "Softmax", axis=lambda layer: layer.dim)
operator(layers.LogSoftmax, "LogSoftmax", axis=lambda layer: layer.dim)
operator(layers.Dropout, "Identity")
operator(layers.Dropout2d, "Identity")


@row(layers.SiLU)
def write_silu(graph: Graph, layer: layers.SiLU, x: str, name: str) -> str:
    """`x σ(x)`."""
    return graph.add("Mul", x, graph.add("Sigmoid", x))


@row(layers.Mish)
def write_mish(graph: Graph, layer: layers.Mish, x: str, name: str) -> str:
    """`x tanh(log(1 + exp x))`."""
    return graph.add("Mul", x, graph.add("Tanh", graph.add("Softplus", x)))


@row(layers.Softplus)
def write_softplus(graph: Graph, layer: layers.Softplus, x: str, name: str) -> str:
    """`log(1 + exp(βx)) / β`, and x beyond the threshold."""
    z = graph.add("Mul", x, graph.number(layer.beta))
    y = graph.add("Div", graph.add("Softplus", z), graph.number(layer.beta))
    return graph.add("Where", graph.add("Greater", z, graph.number(layer.threshold)), x, y)


@row(layers.PReLU)
def write_prelu(graph: Graph, layer: layers.PReLU, x: str, name: str) -> str:
    """`max(x, 0) + a min(x, 0)`, a for each channel: the axes behind it are seen as one."""
    if layer.num_parameters == 1:
        return graph.add("PRelu", x, graph.weight(f"{name}weight", layer.weight))
    leaks = graph.weight(f"{name}weight", layer.weight[:, None])
    rows = graph.add("Reshape", x, graph.integers(0, layer.num_parameters, -1))
    return graph.add("Reshape", graph.add("PRelu", rows, leaks), graph.add("Shape", x))


@row(layers.SwiGLU, layers.GEGLU)
def write_gated_unit(graph: Graph, layer: GatedUnit, x: str, name: str) -> str:
    """`g(a) b` of the halves of an axis."""
    a, b = graph.add_all("Split", x, outputs=2, axis=layer.dim, num_outputs=2)
    gate = graph.add("Gelu", a) if isinstance(layer, layers.GEGLU) else graph.add("Mul", a, graph.add("Sigmoid", a))
    return graph.add("Mul", gate, b)


@row(layers.Linear)
def write_linear(graph: Graph, layer: layers.Linear, x: str, name: str) -> str:
    """`X Wᵀ + b`: MatMul, unlike Gemm, takes any number of axes."""
    y = graph.add("MatMul", x, graph.weight(f"{name}weight", layer.weight.T))
    return y if layer.bias is None else graph.add("Add", y, graph.weight(f"{name}bias", layer.bias))


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


@row(nets.Sequential, nets.ConvNet)  # the ConvNet's forward checks its input, too
def write_sequential(graph: Graph, layer: nets.Sequential, x: str, name: str) -> str:
    """Layer after layer."""
    for own, child in layer.children.items():
        x = write_layer(graph, child, x, f"{name}{own}.")
    return x


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
