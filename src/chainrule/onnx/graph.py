"""An ONNX graph that is being written: operators one after the other, constants and weights by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

Array = NDArray[Any]
OPSET = 20  # the first with Gelu
IR_VERSION = 9  # that of the same release


class Graph:
    """Operators, and the arrays that they need. A value is known by its name."""

    def __init__(self, dtype: DTypeLike) -> None:
        self.dtype = np.dtype(dtype)
        self.nodes: list[NodeProto] = []
        self.initializers: dict[str, TensorProto] = {}
        self.taken: set[str] = set()

    @property
    def element(self) -> int:
        """ONNX's number for the type of the values."""
        return int(helper.np_dtype_to_tensor_dtype(self.dtype))

    def inner(self) -> Graph:
        """Return a graph within this one: a body, which has operators of its own and sees all that is named here."""
        body = Graph(self.dtype)
        body.initializers, body.taken = self.initializers, self.taken
        return body

    def name(self, wanted: str) -> str:
        """Return a name that no value has yet."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}_{number}"
        self.taken.add(name)
        return name

    def add(self, operator: str, *inputs: str, outputs: int = 1, name: str = "", **attributes: Any) -> str:
        """Add an operator; return the name of its (first) output."""
        names = [self.name(name or operator.lower()) for _ in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, name=names[0], **attributes))
        return names[0]

    def halve(self, x: str, axis: int) -> tuple[str, str]:
        """Split a value into two halves along an axis; return their names."""
        first = self.add("Split", x, outputs=2, axis=axis, num_outputs=2)
        return first, self.nodes[-1].output[1]

    def weight(self, name: str, array: Array) -> str:
        """Add an array of the network, in the type of the values; return its name."""
        return self._keep(self.name(name), array.astype(self.dtype))

    def array(self, name: str, values: Array) -> str:
        """Add a constant array, integers or float64; return its name."""
        return self._keep(self.name(name), np.asarray(values, np.float64 if values.dtype.kind == "f" else np.int64))

    def number(self, value: float) -> str:
        """Return the name of a constant of the type of the values."""
        return self._keep(f"number {value!r}", np.array(value, self.dtype))

    def integer(self, value: int) -> str:
        """Return the name of a constant integer."""
        return self._keep(f"integer {value}", np.array(value, np.int64))

    def integers(self, *values: int) -> str:
        """Return the name of a constant vector of integers."""
        return self._keep(f"integers {', '.join(map(str, values))}", np.array(values, np.int64))

    def _keep(self, name: str, array: Array) -> str:
        self.taken.add(name)
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.asarray(array, order="C"), name)
        return name
