"""Modules with a backward of their own, which PyTorch never calls."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import read_source
from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.targets.kinds import Kind, Made, Namespace, list_arguments
from chainrule.check.targets.pytorch.call import is_module, is_module_class, to_array, to_tensor
from chainrule.check.targets.pytorch.module import make_module

NEVER = "PyTorch never calls the backward of a Module, so what it does has no effect"
CURE = "Write it as the backward of a torch.autograd.Function, and call its apply in forward."
OF_A_LOSS = re.compile(r"\.backward\s*\(|autograd\.grad|\.step\s*\(")  # that runs autograd, or optimizes


class UncalledBackwardKind(Kind):
    """A module whose class has a backward of its own."""

    rank = 9
    is_class = True

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a module."""
        return is_module(thing) and has_own_backward(type(thing))

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class of such modules, unless the file calls a backward with a gradient itself."""
        return value if is_module_class(value) and has_own_backward(value) else None

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the module, with what its own backward would have it be."""
        target = make_module(thing, inputs, name)
        return target.with_extras(probe=lambda dY, given: probe_own(thing, target, dY, inputs, given)), inputs


def has_own_backward(kind: type) -> bool:
    """Tell whether a class of modules defines a backward that takes a gradient, and does not run autograd itself."""
    method = vars(kind).get("backward")
    if not inspect.isfunction(method) or "forward" not in vars(kind):
        return False
    text = read_source(method)
    takes = [n for n, default in list_arguments(method).items() if default is ... and n != "self"]
    return bool(takes and text) and not OF_A_LOSS.search(text)


def probe_own(module: Any, target: Target, dY: Array, inputs: Arrays, given: Arrays) -> Iterator[Row | str]:
    """Yield what the module's own backward returns in place of autograd's gradient, which is what is used."""
    own = copy.deepcopy(module).double()

    def run() -> Any:
        Y = own(*(to_tensor(given[n]) if hasattr(given[n], "shape") else given[n] for n in inputs))
        kept = Y[1:] if isinstance(Y, tuple) else ()
        found = own.backward(to_tensor(dY), *kept)
        return found[0] if isinstance(found, tuple | list) else found

    found, name = call_theirs(run), next(iter(inputs))
    true = target.gradients(dY, given).get(name)
    array = None if isinstance(found, Failure) or found is None else to_array(found)
    if array is not None and true is not None and array.shape == true.shape and np.allclose(array, true, rtol=1e-9):
        yield f"{NEVER}; it returns what autograd finds without it"
        return
    line = call_theirs(lambda: inspect.getsourcelines(type(module).backward)[1])
    at = line if isinstance(line, int) else None
    yield Row(
        name, WRONG, f"backward has no effect on d{name}", explanation=Explanation("missing", f"{NEVER}.", CURE, at)
    )


KINDS = (UncalledBackwardKind(),)
