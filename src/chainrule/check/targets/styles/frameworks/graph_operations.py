"""Operations of a framework's own that are called with its values: `Sin()(Variable(x))`, `MatMul()(a, b)`.

The call notes what went in, in the operation (`self.inputs`) or in the value that comes out (`node.inputs`), and
backward(gy), or gradient(out_grad, node), reads it there. So the operation is called as the file calls it, with values
of the file's own class, and its backward behind that.
"""

from __future__ import annotations

import copy
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import keep_sizes
from chainrule.check.targets.cached_functions import first, list_arrays
from chainrule.check.targets.calls import make_called
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pair import find_source, name_gradients
from chainrule.check.targets.styles.frameworks.own_functions import TENSORS, open_value

FORWARDS, BACKWARDS = ("forward", "compute"), ("backward", "gradient", "vjp")
READS_CALL = re.compile(r"\.(inputs|parents|operands|children|prev|args)\b")  # what a call has noted


def find_methods(kind: type) -> tuple[str, str] | None:
    """Return the names of forward and backward of a class of operations that are called with values."""
    call, values = inspect.getattr_static(kind, "__call__", None), _find_values(kind)
    if values is None or not inspect.isfunction(call) or kind is values:
        return None
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(call).parameters.values())
    forward = next((name for name in FORWARDS if inspect.isfunction(getattr(kind, name, None))), "")
    backward = next((name for name in BACKWARDS if inspect.isfunction(getattr(kind, name, None))), "")
    is_own = takes_any and forward and backward and all(name in vars(kind) for name in (forward, backward))
    return (forward, backward) if is_own and len(list_arguments(getattr(kind, forward))) > 1 else None


def _find_values(kind: type) -> type | None:
    """Return the class of values in the file of an operation."""
    every = vars(sys.modules.get(kind.__module__, SimpleNamespace()))
    return next((every[name] for name in TENSORS if inspect.isclass(every.get(name))), None)


def _make(operation: Any, inputs: Mapping[str, Any], name: str, wraps: bool) -> Any:
    """Return the target of an operation, called anew each time; `wraps` tells whether backward takes a value."""
    _, backward_name = find_methods(type(operation)) or ("", "")
    values, names = _find_values(type(operation)), list_arrays(inputs)
    assert values is not None
    floats = [each for each in names if inputs[each].dtype.kind == "f"]
    takes = [n for n, default in list_arguments(getattr(operation, backward_name)).items() if default is ...]

    def forward(fresh: Any, given: Arrays) -> tuple[Array, Any]:
        out = first(fresh(*(values(array) if each in names else array for each, array in given.items())))
        return open_value(out), out

    def backward(fresh: Any, out: Any, dY: Array) -> Arrays:
        upstream = values(dY) if wraps else dY
        found = getattr(fresh, backward_name)(*([upstream, out] if len(takes) > 1 else [upstream]))
        opened = tuple(map(open_value, found)) if isinstance(found, tuple | list) else open_value(found)
        return name_gradients(opened, names, floats)

    source = find_source(type(operation))
    target = make_called(name, lambda given: copy.copy(operation), forward, backward, names[0], tuple(floats), source)
    return target.with_extras(resize=keep_sizes, probe=lambda dY, given: iter(()))  # each object is for one call alone


def _runs(target: Any, inputs: dict[str, Any]) -> bool:
    """Tell whether a backward runs."""
    found = call_theirs(lambda: target.gradients(np.ones(np.shape(target.run(inputs))), inputs))
    return not isinstance(found, Failure)


class GraphOperationKind(Kind):
    """A class of operations whose call with values of the file's own notes what its backward reads."""

    rank = 62
    is_class = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such an operation."""
        return not inspect.isclass(thing) and find_methods(type(thing)) is not None

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class of such operations, of which at least one in the file reads what its call has noted."""
        if not inspect.isclass(value) or find_methods(value) is None:
            return None
        classes = [each for each in file.own.values() if inspect.isclass(each) and find_methods(each)]
        return value if any(READS_CALL.search(read_source(each)) for each in classes) else None

    def find_forward(self, thing: Any) -> Callable[..., Any]:
        """Return the method that computes with arrays."""
        methods = find_methods(thing if inspect.isclass(thing) else type(thing))
        assert methods is not None
        forward: Callable[..., Any] = getattr(thing, methods[0])
        return forward

    def name_inputs(self, thing: Any, values: Sequence[Any]) -> dict[str, Any]:
        """Return what a call is given by the names of the arguments of its forward."""
        return dict(zip(self.list_arguments(thing), values, strict=False))

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target of the operation, with a value of the file's own as what arrives where it takes no array."""
        made = [_make(thing, inputs, name or type(thing).__name__, wraps) for wraps in (False, True)]
        yield next((target for target in made if _runs(target, inputs)), made[0]), inputs


KINDS = (GraphOperationKind(),)
