"""Nodes of a graph that are made of the nodes before them: forward() and backward() take nothing.

`AffineNode(W, x, b)` reads `self.W.out` and adds to `self.W.d_out`; a node with `inbound_nodes` reads their values, and
keeps gradients by these nodes, from which those behind it read theirs. Each is made of leaves that hold arrays.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.check.model.literals import read_source
from chainrule.check.model.names import SETTINGS
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import keep_sizes
from chainrule.check.targets.calls import make_called
from chainrule.check.targets.kinds import Kind, Made, list_arguments, list_required
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.pytorch.call import is_function, is_module_class

VALUES = ("out", "value", "val", "data", "output")
GRADIENTS = ("d_out", "grad", "gradient", "d_value", "d_val", "d_output", "dout", "delta")
NEXT = ("outbound_nodes", "outbound", "output_nodes", "consumers")
OF_NODES = r"\bself\.{0}\.(?:" + "|".join(VALUES) + r")\b"
HANDED_ON = re.compile(r"__init__\((?:self, *)?\[([\w, ]+)\]")  # Node.__init__(self, [X, W, b])
GOES_BACK = re.compile(rf"\.(?:{'|'.join(NEXT)})\b|\bself\.(?:{'|'.join(GRADIENTS)})\b")


class Leaf:
    """A node that holds an array, and takes the gradient that another leaves in it."""

    def __init__(self, array: Array) -> None:
        vars(self).update(dict.fromkeys(VALUES, array))
        vars(self).update({name: np.zeros(np.shape(array)) for name in GRADIENTS})
        vars(self).update({name: [] for name in NEXT})
        self.gradients: dict[Any, Array] = {}


def list_nodes(kind: type) -> list[str]:
    """Return the arguments of a class of nodes that are nodes themselves; none where it is no such class."""
    methods = [inspect.getattr_static(kind, name, None) for name in ("forward", "backward")]
    if not all(map(inspect.isfunction, methods)) or any(list_required(method) for method in methods if method):
        return []
    takes, text = [n for n, default in list_arguments(kind).items() if default is ...], read_source(kind)
    handed = HANDED_ON.search(text)
    own = re.findall(r"\w+", handed[1]) if handed else []
    return [n for n in takes if n in own or re.search(OF_NODES.format(re.escape(n)), text)]


def _make(kind: type, inputs: Mapping[str, Any], name: str) -> Any:
    """Return the target of a class of nodes; each call makes one of leaves."""
    nodes, uses_upstream = list_nodes(kind), GOES_BACK.search(read_source(kind.backward)) is not None  # type: ignore[attr-defined]

    def prepare(given: Arrays) -> tuple[Any, dict[str, Leaf]]:
        leaves = {n: Leaf(given[n]) for n in nodes}
        rest = {n: value for n, value in given.items() if n not in nodes}
        others = {n: _give_setting(n) for n, default in list_arguments(kind).items() if default is ...}
        return kind(**{**others, **leaves, **rest}), leaves

    def forward(state: tuple[Any, dict[str, Leaf]], given: Arrays) -> tuple[Array, None]:
        node, _ = state
        returned = node.forward()
        held = (vars(node).get(each) for each in VALUES)
        return next((each for each in (returned, *held) if each is not None), returned), None

    def backward(state: tuple[Any, dict[str, Leaf]], kept: None, dY: Array) -> Arrays:
        node, leaves = state
        behind = Leaf(dY)
        behind.gradients = {node: dY}
        vars(node).update({each: [behind] for each in NEXT if each in vars(node)})
        vars(node).update({each: dY.copy() for each in GRADIENTS if each in vars(node)})
        node.backward()
        table = vars(node).get("gradients")
        by_node = table if isinstance(table, Mapping) else {}
        return {n: by_node[leaf] if leaf in by_node else _read(leaf) for n, leaf in leaves.items()}

    floats = tuple(n for n in nodes if inputs[n].dtype.kind == "f")
    target = make_called(name, prepare, forward, backward, nodes[0], floats, find_source(kind))
    target = target.with_extras(resize=keep_sizes, run_twice=None, probe=lambda dY, given: iter(()))  # they add up
    return replace(target, loss=not uses_upstream)


def _give_setting(name: str) -> Any:
    return name if "name" in name.lower() else SETTINGS.get(name.lower(), 0.7)


def _read(leaf: Leaf) -> Any:
    """Return the gradient that was left in a leaf: the one that is not 0, of all that it has."""
    held = [vars(leaf)[name] for name in GRADIENTS]
    return next((each for each in held if np.any(each)), held[0])


class NodeKind(Kind):
    """A class of nodes that are made of nodes, and compute when they are told to."""

    rank = 56
    is_function = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a class."""
        return (
            inspect.isclass(thing) and not is_module_class(thing) and not is_function(thing) and bool(list_nodes(thing))
        )

    def list_helpers(self, value: Any) -> Sequence[Any]:
        """Return the classes of leaves beside it, which are made of nothing and compute nothing."""
        if not self.recognize(value):
            return ()
        others = [each for base in value.__mro__[1:-1] for each in base.__subclasses__()]
        return [each for each in others if not list_nodes(each) and not list_required(each)]

    def list_arguments(self, thing: Any) -> dict[str, Any]:
        """Return the nodes that one is made of, by name."""
        return dict.fromkeys(list_nodes(thing), ...)

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target of the class."""
        if all(isinstance(value, np.ndarray) for value in inputs.values()):
            yield _make(thing, inputs, name or thing.__name__), inputs


KINDS = (NodeKind(),)
