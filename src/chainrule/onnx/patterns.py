"""Layers that are several operators, found in a model by writing them.

A guess (guesses.py) makes a layer of what the operators at hand suggest. It is written as `rows` or PyTorch writes it,
and counts as found only where the model holds exactly these operators with exactly these constants, and uses no value
between them for anything else. So a guess may be bold, and what is found is right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from onnx import GraphProto, NodeProto, numpy_helper

from chainrule import layers
from chainrule.errors import UserError
from chainrule.onnx.graph import Array, Graph
from chainrule.onnx.guesses import GUESSES, Region, read_attributes
from chainrule.onnx.rows import Row

if TYPE_CHECKING:
    from chainrule.onnx.reading import Reader

ZEROS = ("Expand", "ConstantOfShape")  # what an initial state of zeros is made by


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
    known = {begin: x}
    used: dict[str, NodeProto] = {}  # by its first output
    for node in graph.nodes:
        near = next((reader.users[known[name]] for name in node.input if name in known), reader.graph.node)
        twin = next(
            (each for each in near if each.output[0] not in used and _is_same(reader, each, node, known, arrays)), None
        )
        if twin is None:
            return None
        known.update(zip(node.output, twin.output, strict=False))
        used |= {each.output[0]: each for each in (twin, *_zero_states(reader, twin, len(node.input)))}
    inner = [name for node in used.values() for name in node.output if name != known[end]]
    closed = all(user.output[0] in used for name in inner for user in reader.users[name])
    begun = all(user.output[0] in used for user in reader.users[x] if user is not skipped)
    return known[end] if closed and begun and not {*inner} & {each.name for each in reader.graph.output} else None


def _is_same(
    reader: Reader, node: NodeProto, written: NodeProto, known: dict[str, str], arrays: dict[str, Array]
) -> bool:
    if (node.op_type, node.domain) != (written.op_type, written.domain):
        return False
    given, wanted = read_attributes(node), read_attributes(written)
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
    if any(isinstance(each, bytes | str) for each in (given, wanted, *np.ravel(np.asarray(wanted, object)))):
        return bool(given == wanted)
    return np.shape(given) == np.shape(wanted) and np.allclose(given, wanted, rtol=1e-7, atol=0)


def _is_default(name: str, value: Any) -> bool:
    return value == {"direction": b"forward", "layout": 0, "keepdims": 1, "allowzero": 0, "start": 0}.get(name)


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
    value = read_attributes(node).get("value")
    return np.zeros(1) if value is None else numpy_helper.to_array(value)
