"""Layers and losses that are objects, as targets: each call runs on a copy, so nothing stays from one to the next."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from chainrule.check.model.problem import Array, Arrays
from chainrule.check.model.target import Target, Variant
from chainrule.check.targets.calls import make_called
from chainrule.check.targets.kinds import Kind, Made
from chainrule.check.targets.modes import switch_parts, vary
from chainrule.check.targets.pair import find_source
from chainrule.errors import UserError
from chainrule.layers import Layer, Loss


def make_layer(layer: Layer, tokens: bool = False) -> Target:
    """Return the target of a layer of chainrule or of nets; its inputs are X and the parameters by their names.

    X needs a gradient unless it holds `tokens`, which are whole numbers. In the other mode, training or evaluation, it
    is a variant where that computes something else.
    """

    def prepare(inputs: Arrays) -> tuple[Layer, Array]:
        fresh = copy.deepcopy(layer)
        for prefix, module in fresh.modules():
            for name in module.parameter_names:
                if prefix + name in inputs:
                    setattr(module, name, inputs[prefix + name])
            for name in module.buffer_names:
                setattr(module, name, _follow(getattr(module, name), inputs["X"]))
        return fresh, inputs["X"]

    def backward(state: tuple[Layer, Array], cache: Any, dY: Array) -> Arrays:
        dX, grads = state[0].backward(dY, cache)
        return {"X": dX, **grads}

    def vary_modes(inputs: Arrays) -> Iterator[Variant | str]:
        cold, (warm, X) = prepare(inputs)[0], prepare(inputs)
        warm.forward(X)
        words, _ = (switch_parts(part for _, part in whole.modules()) for whole in (cold, warm))
        if words:
            first, second = (make_layer(mode, tokens) for mode in (cold, warm))
            yield from vary(target, inputs, words, (first, inputs), (second, inputs))

    target = make_called(
        type(layer).__name__,
        prepare,
        lambda state, inputs: state[0].forward(inputs["X"]),
        backward,
        "X",
        (*(() if tokens else ("X",)), *layer.params),
        find_source(type(layer)),
    )
    return target.with_extras(variants=vary_modes)


def make_loss(loss: Loss) -> Target:
    """Return the target of a loss of chainrule: inputs X and targets, gradient of X."""

    def forward(X: Array, targets: Array) -> Array:
        value: Array = loss.forward(X, targets)[0]
        return value

    def backward(dY: Array, X: Array, targets: Array) -> Mapping[str, Any]:
        return {"X": loss.backward(loss.forward(X, targets)[1])}

    return Target(
        type(loss).__name__, forward, backward, ("X",), ("targets",), loss=True, source=find_source(type(loss))
    )


def _follow(buffer: Array | None, X: Array) -> Array | None:
    """Return running statistics in the precision of X."""
    return buffer.astype(X.real.dtype) if buffer is not None and buffer.dtype.kind == "f" else buffer


class LossKind(Kind):
    """A loss of chainrule."""

    rank = 20

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a loss."""
        return isinstance(thing, Loss)

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the loss."""
        if len(inputs) < 2:
            raise UserError(f"{thing!r}: a loss is checked with its targets: check_layer(loss, X, targets)")
        return make_loss(thing), dict(zip(("X", "targets"), inputs.values(), strict=True))


class LayerKind(Kind):
    """A layer of chainrule, or a net of them."""

    rank = 30

    def recognize(self, thing: Any) -> bool:
        """Tell whether a thing is such a layer."""
        return isinstance(thing, Layer)

    def make(self, thing: Any, inputs: dict[str, Any], name: str = "", labels: str = "") -> Made:
        """Return the target of the layer."""
        X = next(iter(inputs.values()))
        return make_layer(thing, X.dtype.kind in "iu"), {"X": X, **thing.params}


KINDS = (LossKind(), LayerKind())
