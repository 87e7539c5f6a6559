"""Functions of a framework's own values that record how to go back: `tanh(t) -> Tensor`, `out.backward(Tensor(dY))`.

Each function is checked by itself: it is called with values of the file's own class, what arrives is handed to the
output's backward, and the gradients are read where the values keep them.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import keep_sizes
from chainrule.check.targets.cached_functions import list_arrays
from chainrule.check.targets.calls import make_called
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source
from chainrule.check.targets.styles.frameworks.own_functions import TENSORS, open_value

GRADIENTS = ("grad", "gradient", "_grad", "g")


def find_values(function: Any) -> type | None:
    """Return the class of values that a function records with: it returns one, and defines within how to go back."""
    if not inspect.isfunction(function):
        return None
    every = vars(sys.modules.get(function.__module__, SimpleNamespace()))
    kind = next((every[name] for name in TENSORS if inspect.isclass(every.get(name))), None)
    text = read_source(function)
    if kind is None or kind.__module__ != function.__module__:
        return None
    goes_back = inspect.isfunction(getattr(kind, "backward", None)) and len(list_arguments(kind.backward)) > 1
    records = re.search(r"^\s+def \w+\(|\blambda\b", text, re.MULTILINE)
    return kind if goes_back and records and re.search(rf"\breturn {kind.__name__}\(", text) else None


def _make_value(kind: type, array: Array) -> Any:
    asks = "requires_grad" in list_arguments(kind.__init__)  # type: ignore[misc]
    return kind(array, requires_grad=True) if asks else kind(array)


def _make(function: Any, inputs: Mapping[str, Any], name: str, wraps: bool) -> Any:
    """Return the target of a function; `wraps` tells whether the output's backward takes a value."""
    kind, names = find_values(function), list_arrays(inputs)
    assert kind is not None

    def forward(state: None, given: Arrays) -> tuple[Array, Any]:
        values = {n: _make_value(kind, np.array(a)) if n in names else a for n, a in given.items()}
        out = function(**values)
        return open_value(out), (out, values)

    def backward(state: None, kept: Any, dY: Array) -> Arrays:
        out, values = kept
        out.backward(kind(dY) if wraps else dY)
        held = {n: next((getattr(values[n], g) for g in GRADIENTS if hasattr(values[n], g)), None) for n in names}
        return {n: np.asarray(open_value(gradient)) for n, gradient in held.items() if gradient is not None}

    source = find_source(function)
    target = make_called(name, lambda given: None, forward, backward, names[0], tuple(names), source)
    return target.with_extras(resize=keep_sizes, run_twice=None, probe=lambda dY, given: iter(()))  # gradients add up


class RecordedFunctionKind(Kind):
    """A function that records how to go back in the value that it returns."""

    rank = 66
    is_function = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a function."""
        return find_values(thing) is not None

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return such a function."""
        return value if find_values(value) is not None and list_arguments(value) else None

    def find_forward(self, thing: Any) -> Any:
        """Return the function itself."""
        return thing

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target, with what arrives as an array or as a value."""
        for wraps in (True, False):
            target = _make(thing, inputs, name or thing.__name__, wraps)
            found = call_theirs(lambda target=target: target.gradients(np.ones(np.shape(target.run(inputs))), inputs))  # type: ignore[misc]
            if not isinstance(found, Failure):
                yield target, inputs
                return
        yield target, inputs


KINDS = (RecordedFunctionKind(),)
