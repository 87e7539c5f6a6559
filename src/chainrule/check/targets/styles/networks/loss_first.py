"""Networks whose backward takes nothing: `net.loss(x, t)` is called before it, and keeps what it is held to.

`forward(x)`, `loss(x, t)` or `loss(a, t)`, then `backward()`; or `forward(x, t)` is the loss itself. A method of other
names, `gradient(x, t)` or `compute_gradients(t)`, may take the target too.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.check.model.directions import BACKWARD_METHODS
from chainrule.check.model.literals import read_source
from chainrule.check.model.names import is_target_name
from chainrule.check.targets.kinds import Namespace, list_required
from chainrule.check.targets.places import list_places
from chainrule.check.targets.pytorch.call import is_function, is_module_class
from chainrule.check.targets.styles.networks.costs import COST
from chainrule.check.targets.styles.networks.lists import FORWARDS
from chainrule.check.targets.styles.networks.objects import JudgedObjectKind, name_returned
from chainrule.check.targets.styles.renamed_methods import rename

GRADIENTS = re.compile(r"_?(?:compute_|calc_|calculate_|get_)?grad(?:ient)?s?")
KEEPS_GRADIENTS = re.compile(r"\bself\.(?:d_?[A-Za-z]\w*|grads?\w*|\w+_grad)\b\s*(?:=|\[)|\.grad\s*\+?=")


def find_methods(kind: type, has_gradients: bool = False) -> tuple[str, str, str] | None:
    """Return forward, loss and backward of a class whose loss takes the target, and whose backward takes nothing.

    Forward is "" where the loss alone takes x. `has_gradients` asks for a class without a backward by name, whose
    method of gradients may take x and the target.
    """
    methods = {n: m for n in dir(kind) if inspect.isfunction(m := getattr(kind, n)) and not n.startswith("__")}
    backward = next((n for n in BACKWARD_METHODS if n in methods), "")
    if has_gradients:
        backward = "" if backward else next((n for n in methods if GRADIENTS.fullmatch(n)), "")
    if not backward or len(list_required(methods[backward])) > 2 * has_gradients:
        return None
    takes = {name: list_required(method) for name, method in methods.items() if name != backward}
    losses = [n for n, names in takes.items() if len(names) <= 2 and sum(map(is_target_name, names)) == 1]
    loss = next((n for n in losses if COST.search(n)), "") or next((n for n in losses if n in FORWARDS), "")
    forward = next((n for n in FORWARDS if n != loss and len(takes.get(n, ())) == 1 and n not in losses), "")
    is_whole = forward or (len(takes.get(loss, ())) == 2 and _keeps_gradients(kind))
    return (forward, loss, backward) if loss and is_whole else None


def _keeps_gradients(kind: type) -> bool:
    """Tell whether a class has gradients of parameters, as a loss by itself has not."""
    return KEEPS_GRADIENTS.search(read_source(kind)) is not None


def put_loss_first(kind: type, forward: str, loss: str, backward: str) -> type:
    """Return a class with forward(x) and backward(x, t), which runs the loss and then the backward of the class."""
    target = next(n for n in list_required(getattr(kind, loss)) if is_target_name(n))
    other = next((n for n in list_required(getattr(kind, loss)) if n != target), "")
    x = next(iter(list_required(getattr(kind, forward)))) if forward else other
    run_back = name_returned(getattr(kind, backward))

    def back(self: Any, *given: Any, **named: Any) -> Any:
        X, t = (*given, *(named[n] for n in (x, target) if n in named))
        takes = X if other.lower() == x.lower() or not forward else getattr(kind, forward)(self, X)
        getattr(kind, loss)(self, **({other: takes} if other else {}), **{target: t})
        return run_back(self, **{n: t if is_target_name(n) else X for n in list_required(getattr(kind, backward))})

    back.__signature__ = _sign(x, target)  # type: ignore[attr-defined]
    made = rename(kind, forward or loss, backward)
    made.backward, made.held_to, made.own_backward, made.understood = back, target, backward, None  # type: ignore[attr-defined]
    if not forward:
        made.forward = _shape_scores(x)  # type: ignore[attr-defined]
    if not COST.search(loss):
        made.loss = getattr(kind, loss)  # type: ignore[attr-defined]
    return made


def _sign(*names: str) -> inspect.Signature:
    return inspect.Signature([inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in ("self", *names)])


def _shape_scores(x: str) -> Callable[..., Any]:
    """Return a forward whose output has the shape of scores, a column for each output of the last matrix, and no more.

    The loss takes x itself.
    """

    def forward(self: Any, *given: Any, **named: Any) -> Any:
        (X,) = (*given, *named.values())
        widths = [a.shape[1] for _, a in list_places(self) if a.ndim == 2 and min(a.shape) > 1]
        return np.zeros((len(X), widths[-1] if widths else 1))

    forward.__signature__ = _sign(x)  # type: ignore[attr-defined]
    return forward


def _find(value: Any, has_gradients: bool = False) -> Any:
    if not inspect.isclass(value) or is_function(value) or is_module_class(value) or inspect.isabstract(value):
        return None
    found = find_methods(value, has_gradients)
    return put_loss_first(value, *found) if found else None


class LossFirstKind(JudgedObjectKind):
    """A network whose loss is called before its backward, which takes nothing."""

    rank = 74

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class of such networks, with its methods under our names."""
        return _find(value)


class GradientMethodKind(JudgedObjectKind):
    """A network with a loss and a method of its gradients, which is not called backward; asked last."""

    rank = 96

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return a class of such networks, with its methods under our names."""
        return _find(value, has_gradients=True)


KINDS = (LossFirstKind(), GradientMethodKind())
