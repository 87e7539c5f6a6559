"""A pair of plain functions as a target."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from chainrule.check.model.explanation import Explanation
from chainrule.check.model.failure import Failure, call_theirs
from chainrule.check.model.literals import list_returned
from chainrule.check.model.names import BACKWARD, CACHE, FORWARD, is_cotangent_name, is_gradient_of
from chainrule.check.model.problem import Array, Arrays, SourceFile
from chainrule.check.model.target import Target, copies, keep_sizes
from chainrule.check.model.verdict import WRONG, Row
from chainrule.check.targets.backward_calls import COTANGENT, INPUT, KEPT, OUTPUT, Way, list_ways
from chainrule.check.targets.kinds import Kind, Made, Namespace, call_by_name, list_arguments
from chainrule.check.targets.modes import vary_settings
from chainrule.errors import UserError


def make_pair(
    forward: Callable[..., Any], backward: Callable[..., Any], names: Sequence[str], way: Way | None = None
) -> Target:
    """Return the target of forward(X, W, …) -> Y and backward(dY, X, W, …) -> {"X": dX, "W": dW}.

    The functions get the inputs in this order, or backward in another way. A forward may return a tuple, of which Y is
    the first. The gradients may also come as a tuple in the order of the inputs, or in another that the shapes tell, or
    alone where there is one input.
    """

    def run_forward(**inputs: Array) -> Array:
        Y = forward(*(inputs[name] for name in names))
        return Y[0] if isinstance(Y, tuple) else Y

    def run_backward(dY: Array, held: str = "", **inputs: Array) -> Mapping[str, Array]:
        if way is None:
            return name_gradients(backward(dY, *(inputs[name] for name in names)), names)
        result = forward(*(inputs[name] for name in names)) if {OUTPUT, KEPT} & set(way.roles) else None
        Y, kept = (result[0], result[1:]) if isinstance(result, tuple) else (result, ())
        handed = way.hand(dY, inputs, Y, kept, held)
        found = way.collect(handed, call_by_name(backward, handed))
        own = _find_owners(returned, names) if isinstance(found, tuple) and len(found) < len(names) else names
        return name_gradients(order_by_shape(found, [inputs[name] for name in own]), own)

    def probe(dY: Array, inputs: Arrays) -> Iterator[Row | str]:
        for held in way.places if way else ():
            yield from _find_mixed(held, *(run_backward(dY.copy(), each, **copies(inputs)) for each in ("", held)))

    returned = list_returned(backward) if way else []
    name = getattr(backward, "__name__", "backward")
    called = "" if way is None or way.roles == (COTANGENT, *(f"{INPUT}{n}" for n in names)) else way.describe()
    called = called and f"backward was called with {called}"
    target = Target(name, run_forward, run_backward, source=find_source(forward), called=called)
    target = replace(target, is_guess=way is not None and way.is_guess)
    return target.with_extras(
        variants=lambda given: vary_settings(target, given, run_forward), resize=keep_sizes, probe=probe
    )


def _find_mixed(held: str, alone: Mapping[str, Array], mixed: Mapping[str, Array]) -> Iterator[Row]:
    """Yield a row for each gradient that changes with what the place of another holds before."""
    for name in alone.keys() - {held}:
        if np.shape(alone[name]) != np.shape(mixed[name]) or not np.allclose(alone[name], mixed[name], rtol=1e-9):
            cause = f"It is made of what the place of d{held} holds, and that may be more than this gradient."
            said = Explanation(
                "accumulated", cause, f"Keep what is added to d{held} under a name of its own, and use that."
            )
            yield Row(
                name, WRONG, f"d{name} is wrong where the place of d{held} holds something already", explanation=said
            )


def _find_owners(returned: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """Return the inputs whose gradients a backward returns, by the names of these; all, where names tell nothing."""
    owners = [next((n for n in names if is_gradient_of(each, n)), "") for each in returned]
    return owners if owners and all(owners) and len(set(owners)) == len(owners) else names


def order_by_shape(found: Any, inputs: Sequence[Any]) -> Any:
    """Return gradients that come in a tuple in the order of the inputs, where their shapes alone tell another."""
    if not isinstance(found, tuple | list) or len(found) != len(inputs):
        return found
    shapes, own = [getattr(a, "shape", ()) for a in inputs], [getattr(gradient, "shape", ()) for gradient in found]
    if own == shapes or sorted(own) != sorted(shapes) or len(set(shapes)) < len(shapes):
        return found
    return tuple(found[own.index(shape)] for shape in shapes)


def name_gradients(found: Any, names: Sequence[str], floats: Sequence[str] = ()) -> Arrays:
    """Return gradients by name, from a mapping, a tuple in the order of the names, or the first one alone.

    Of as many as there are `floats`, inputs of floating point, each is one of these: labels and places have none.
    """
    if isinstance(found, Mapping):
        return dict(found)
    if not isinstance(found, tuple | list):
        found = (found,)
    if len(found) > len(names):
        raise UserError(f"backward returns {len(found)} gradients for {len(names)} inputs ({', '.join(names)})")
    owners = floats if len(found) == len(floats) < len(names) else names
    return {name: gradient for name, gradient in zip(owners, found, strict=False) if gradient is not None}


def find_source(function: Any) -> SourceFile | None:
    """Return the file in which a function or class is written, None where there is none."""
    try:
        path = _find_file(getattr(function, "__func__", function))
        return _read(path) if path else None
    except (OSError, TypeError, UnicodeDecodeError):
        return None


@lru_cache(maxsize=256)
def _find_file(function: Any) -> str | None:
    return inspect.getsourcefile(inspect.unwrap(function))


@lru_cache(maxsize=16)
def _read(path: str) -> SourceFile:
    return SourceFile(Path(path), Path(path).read_text(encoding="utf-8"))


class Pair(NamedTuple):
    """A forward and the backward that belongs to it by its name."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]

    @property
    def takes_cache(self) -> bool:
        """Whether backward takes what forward kept, not the inputs."""
        received = list(list_arguments(self.backward))[1:]
        given = {name.lower() for name in list_arguments(self.forward)}  # sigmoid(z) and sigmoid_backward(dA, Z)
        return CACHE in received or (len(received) == 1 and received[0].lower() not in given)


def find_pair(name: str, value: Any, own: Mapping[str, Any]) -> Pair | None:
    """Return the pair of NAME_backward with NAME_forward or NAME, or of backward with forward."""
    base, found, rest = name.partition(BACKWARD)
    if found and base:
        forward = own.get(f"{base}{FORWARD}{rest}") or own.get(f"{base}{FORWARD}") or own.get(base)
    else:
        forward = own.get("forward") if name == "backward" else None
    return Pair(forward, value) if inspect.isfunction(value) and inspect.isfunction(forward) else None


class PairKind(Kind):
    """f(x, w) and f_backward(dout, x, w), plain functions."""

    def find(self, name: str, value: Any, file: Namespace) -> Any:
        """Return the pair that a backward without a cache belongs to."""
        pair = find_pair(name, value, file.own)
        return pair if pair and not pair.takes_cache else None

    def call_it(self, thing: Any, name: str) -> str:
        """Return the name of the forward."""
        called: str = thing.forward.__name__
        return called

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the pair."""
        return make_pair(thing.forward, thing.backward, tuple(inputs)), inputs

    def make_all(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Iterator[Made]:
        """Yield the target of the pair for each way of calling its backward."""
        plain = [self.make(thing, inputs, name, labels)] if _takes(thing.backward, 1 + len(inputs)) else []
        first = next(iter(list_arguments(thing.backward)), "")
        if first not in inputs:
            yield from plain
        kept, is_loss = count_kept(thing, inputs)
        for way in list_ways(thing.backward, tuple(inputs), kept, loss=is_loss):
            target = make_pair(thing.forward, thing.backward, tuple(inputs), way)
            yield replace(target, loss=COTANGENT not in way.roles), inputs
        if first in inputs:  # inv_back(x, d)
            yield from plain


def _takes(function: Callable[..., Any], count: int) -> bool:
    """Whether a function can be called with so many arguments, as far as can be seen."""
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    except ValueError:  # it tells nothing of its arguments
        return True
    return True


def count_kept(pair: Pair, inputs: Mapping[str, Any]) -> tuple[int, bool]:
    """Return how many values a forward keeps behind its output for its backward, and whether that is a loss."""
    result = call_theirs(lambda: call_by_name(pair.forward, inputs))
    Y, *kept = result if isinstance(result, tuple) and result else (result,)
    is_loss = not isinstance(result, Failure) and np.shape(Y) == ()
    received, own = list_arguments(pair.backward), {name.lower() for name in inputs}
    others = [name for name in received if name.lower() not in own and not is_cotangent_name(name)]
    takes_more = len(received) > 1 + len(inputs) or bool(others)
    return len(kept) if is_loss or takes_more else 0, is_loss


KINDS = (PairKind(),)
