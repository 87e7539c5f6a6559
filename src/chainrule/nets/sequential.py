"""Layers one after the other.

The chain rule for a composition: the cotangent of a layer's input is that of the output of the layer before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chainrule.layers.base import Array, Arrays, Layer


class Sequential(Layer):
    """`Y = f_n(… f_1(X))`.

    Itself a layer. Its parameters are named as in `torch.nn.Sequential`: "0.weight", "0.bias", "2.weight", … or, where
    the layers have `names`, by these. Raises ValueError unless each layer has a name of its own.
    """

    def __init__(self, *layers: Layer, names: Iterable[str] | None = None) -> None:
        self.layers = layers
        self.names = tuple(map(str, range(len(layers))) if names is None else names)
        if len({*self.names}) != len(layers) or len(self.names) != len(layers):
            raise ValueError(f"Sequential: {len(layers)} layers need as many different names, but have {self.names}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self.layers))})"

    @property
    def children(self) -> dict[str, Layer]:
        """The layers by their names, which are their positions where they were given none."""
        return dict(zip(self.names, self.layers, strict=True))

    def forward(self, X: Array) -> tuple[Array, list[Any]]:
        """Return the last layer's output; the cache is the list of the layers' caches."""
        caches = []
        for layer in self.layers:
            X, cache = layer.forward(X)
            caches.append(cache)
        return X, caches

    def backward(self, dY: Array, cache: list[Any]) -> tuple[Array, Arrays]:
        """Return dX and the gradients of all parameters."""
        return self._backward_down_to(0, dY, list(cache))

    def parameter_gradients(self, dY: Array, cache: list[Any]) -> Arrays:
        """Return the gradients of all parameters, without the dX of the first layer."""
        return self.consume(dY, list(cache))

    def consume(self, dY: Array, cache: list[Any]) -> Arrays:
        """As `parameter_gradients`, but takes each layer's cache off the list, so that its memory is released early."""
        first = next((i for i, layer in enumerate(self.layers) if layer.params), None)
        if first is None:
            return {}
        dY, grads = self._backward_down_to(first + 1, dY, cache)
        own = self.layers[first].consume(dY, cache.pop())
        cache.clear()  # what lies before the first layer that is trained needs no gradient
        return {**self._name(first, own), **grads}

    def _backward_down_to(self, stop: int, dY: Array, caches: list[Any]) -> tuple[Array, Arrays]:
        """Take the caches of these layers off the list."""
        grads: Arrays = {}
        for i in reversed(range(stop, len(self.layers))):
            dY, own = self.layers[i].backward(dY, caches.pop())
            grads = {**self._name(i, own), **grads}
        return dY, grads

    def _name(self, i: int, grads: Arrays) -> Arrays:
        return {f"{self.names[i]}.{name}": grad for name, grad in grads.items()}
