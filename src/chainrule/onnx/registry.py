"""Which operators each layer becomes: for each kind `row(graph, layer, x, name)`, which returns the output's name.

`x` is the name of the input, `name` the prefix of the layer's own arrays, as in a state dict: "0.", "body.2.". A layer
is written as it is in evaluation: dropout leaves everything as it is, batch norm takes its running statistics. A row
holds for every rank and size of the input that the layer takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chainrule import layers
from chainrule.errors import UserError
from chainrule.onnx.graph import Graph

Row = Callable[[Graph, Any, str, str], str]
ROWS: dict[type[layers.Layer], Row] = {}


def write_layer(graph: Graph, layer: layers.Layer, x: str, name: str = "") -> str:
    """Add a layer's operators to the graph; return the name of its output. Raises UserError where it has no row."""
    write = find_row(type(layer))
    if write is None:
        raise UserError(f"{layer!r} has no row in chainrule.onnx, so it cannot be exported to ONNX")
    return write(graph, layer, x, name)


def find_row(kind: type[layers.Layer]) -> Row | None:
    """Return the row of a kind of layer, or of the one that it is made of where both have the same forward."""
    return next((ROWS[base] for base in kind.__mro__ if base in ROWS and base.forward is kind.forward), None)


def row(*kinds: type[layers.Layer]) -> Callable[[Row], Row]:
    """Register what kinds of layers become."""

    def register(write: Row) -> Row:
        ROWS.update(dict.fromkeys(kinds, write))
        return write

    return register


def operator(kind: type[layers.Layer], name: str, **attributes: Callable[[Any], Any]) -> None:
    """Register a layer that is one operator; the attributes are made of the layer."""
    ROWS[kind] = lambda graph, layer, x, prefix: graph.add(name, x, **{k: of(layer) for k, of in attributes.items()})
