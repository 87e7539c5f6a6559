"""Layers that step through time: operators of their own, or a Scan, whose body is one step."""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import helper

from chainrule import layers
from chainrule.onnx.graph import Graph


def write_rnn(graph: Graph, layer: layers.RNN, x: str, name: str) -> str:
    """`h ← act(norm(x Wᵀ + h Uᵀ + b + c))` over axis 1; the products with X are made for all steps at once.

    Without a norm it is ONNX's RNN, which onnxruntime has in float32 alone.
    """
    if layer.norm is None and graph.dtype == np.float32:
        return _write_gated(graph, layer, x, name, "RNN", activations=[name_activation(layer)])
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


def name_activation(layer: layers.RNN) -> str:
    """Return ONNX's name of what a state goes through."""
    return "Relu" if isinstance(layer.nonlinearity, layers.ReLU) else "Tanh"


# Which of PyTorch's gates stands at each place of the operator's.
GATES = {"RNN": (0,), "LSTM": (0, 3, 1, 2), "GRU": (1, 0, 2)}


def write_lstm(graph: Graph, layer: layers.LSTM, x: str, name: str) -> str:
    """ONNX's LSTM, whose gates stand in the order I, O, F, G."""
    return _write_gated(graph, layer, x, name, "LSTM")


def write_gru(graph: Graph, layer: layers.GRU, x: str, name: str) -> str:
    """ONNX's GRU, whose gates stand in the order Z, R, G, with the reset after the product."""
    return _write_gated(graph, layer, x, name, "GRU", linear_before_reset=1)


def _write_gated(
    graph: Graph,
    layer: layers.RNN | layers.LSTM | layers.GRU,
    x: str,
    name: str,
    operator: str,
    **settings: Any,
) -> str:
    """The operator, between two transpositions: it takes and gives steps first."""
    N = layer.hidden_size

    def arrange(*arrays: Any) -> Any:
        """Gates in ONNX's order, behind an axis of one direction."""
        order = GATES[operator]
        parts = [array.reshape(len(order), N, *array.shape[1:])[list(order)] for array in arrays]
        return np.concatenate([part.reshape(-1, *part.shape[2:]) for part in parts])[None]

    weights = {kind: arrange(getattr(layer, f"weight_{kind}_l0")) for kind in ("ih", "hh")}
    names = [graph.weight(f"{name}weight_{kind}_l0", array) for kind, array in weights.items()]
    if layer.bias_ih_l0 is not None:
        names.append(graph.weight(f"{name}bias", arrange(layer.bias_ih_l0, layer.bias_hh_l0)))
    steps = graph.add("Transpose", x, perm=[1, 0, 2])
    states = graph.add(operator, steps, *names, hidden_size=N, **settings)  # (T, 1, S, N)
    return graph.add("Transpose", graph.add("Squeeze", states, graph.integers(1)), perm=[1, 0, 2])


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
    H = inner.add(name_activation(layer), A)
    states = [inner.add("Identity", H) for _ in range(2)]

    def values(names: list[str]) -> list[Any]:
        return [helper.make_tensor_value_info(each, inner.element, None) for each in names]

    return helper.make_graph(inner.nodes, f"{name}step", values([before, *slices]), values(states))
