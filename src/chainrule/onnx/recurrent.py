"""Layers that step through time: ONNX has LSTM and GRU; RNN, which may have norms, is a Scan whose body is one step."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper

from chainrule import layers
from chainrule.layers.recurrent.gated import GatedRecurrent
from chainrule.onnx.graph import Array, Graph
from chainrule.onnx.registry import row

# In ONNX's order, where the gates stand in PyTorch's: I O F G of I F G O, and Z R G of R Z G.
GATES = {layers.LSTM: (0, 3, 1, 2), layers.GRU: (1, 0, 2)}


@row(layers.LSTM, layers.GRU)
def write_gated(graph: Graph, layer: GatedRecurrent, x: str, name: str) -> str:
    """LSTM and GRU, step by step along the first axis, with one direction, whose axis goes again."""
    N, order = layer.hidden_size, next(order for kind, order in GATES.items() if isinstance(layer, kind))

    def arrange(array: Array) -> Array:
        return array.reshape(len(order), N, -1)[list(order)].reshape(array.shape)[None]

    arrays = [arrange(layer.weight_ih_l0), arrange(layer.weight_hh_l0)]
    if layer.bias_ih_l0 is not None and layer.bias_hh_l0 is not None:
        arrays.append(np.concatenate([arrange(layer.bias_ih_l0), arrange(layer.bias_hh_l0)], axis=1))
    kinds = ("weight_ih_l0", "weight_hh_l0", "biases")
    weights = [graph.weight(f"{name}{kind}", array) for kind, array in zip(kinds, arrays, strict=False)]
    steps = graph.add("Transpose", x, perm=[1, 0, 2])
    if isinstance(layer, layers.LSTM):
        states = graph.add("LSTM", steps, *weights, hidden_size=N)
    else:
        states = graph.add("GRU", steps, *weights, hidden_size=N, linear_before_reset=1)
    return graph.add("Transpose", graph.add("Squeeze", states, graph.integers(1)), perm=[1, 0, 2])


@row(layers.RNN)
def write_rnn(graph: Graph, layer: layers.RNN, x: str, name: str) -> str:
    """`h ← act(norm(x Wᵀ + h Uᵀ + b + c))` over axis 1; the products with X are made for all steps at once."""
    N = layer.hidden_size
    summed = graph.add("MatMul", x, graph.weight(f"{name}weight_ih_l0", layer.weight_ih_l0.T))
    if layer.bias_ih_l0 is not None and layer.bias_hh_l0 is not None:
        summed = graph.add("Add", summed, graph.weight(f"{name}bias", layer.bias_ih_l0 + layer.bias_hh_l0))
    samples = graph.add("Concat", graph.add("Shape", x, start=0, end=1), graph.integers(N), axis=0)
    start = graph.add("Expand", graph.number(0.0), samples)
    scanned = {"summed": summed}
    if layer.norm == "batch":  # statistics of their own for each step, as many as there are steps
        steps = graph.add("Shape", x, start=1, end=2)
        for kind in ("running_mean", "running_var"):
            stacked = np.stack([getattr(norm, kind) for norm in layer.norms])
            whole = graph.weight(f"{name}norms.{kind}", stacked)
            scanned[kind] = graph.add("Slice", whole, graph.integers(0), steps, graph.integers(0))
    body = _step(graph, layer, list(scanned), name)
    axes = [1 if kind == "summed" else 0 for kind in scanned]
    outputs = [graph.name(f"{name}last"), graph.name(f"{name}states")]
    graph.nodes.append(
        helper.make_node(
            "Scan",
            [start, *scanned.values()],
            outputs,
            name=outputs[1],
            body=body,
            num_scan_inputs=len(scanned),
            scan_input_axes=axes,
            scan_output_axes=[1],
        )
    )
    return outputs[1]


def _step(graph: Graph, layer: layers.RNN, scanned: list[str], name: str) -> Any:
    """Return the graph of one step: the state before and the slices of what is scanned, to the state after, twice."""
    inner = graph.inner()
    before, *slices = [inner.name(kind) for kind in ("before", *scanned)]
    own = inner.weight(f"{name}weight_hh_l0", layer.weight_hh_l0.T)
    A = inner.add("Add", slices[0], inner.add("MatMul", before, own))
    if layer.norm == "layer":
        N = layer.hidden_size
        A = inner.add("LayerNormalization", A, inner.weight(f"{name}ones", np.ones(N)), axis=-1, epsilon=layer.eps)
    elif layer.norm == "batch":
        variance = inner.add("Add", slices[2], inner.number(layer.eps))
        A = inner.add("Div", inner.add("Sub", A, slices[1]), inner.add("Sqrt", variance))
    if layer.gain is not None and layer.shift is not None:
        A = inner.add("Mul", A, inner.weight(f"{name}gain", layer.gain))
        A = inner.add("Add", A, inner.weight(f"{name}shift", layer.shift))
    H = inner.add("Relu" if isinstance(layer.nonlinearity, layers.ReLU) else "Tanh", A)
    states = [inner.add("Identity", H) for _ in range(2)]

    def values(names: list[str]) -> list[Any]:
        return [helper.make_tensor_value_info(each, inner.element, None) for each in names]

    return helper.make_graph(inner.nodes, f"{name}step", values([before, *slices]), values(states))
