"""What every layer is: a forward, a backward written by hand, and named arrays.

A layer keeps its parameters and buffers as attributes and nothing else between calls: what `backward` needs, `forward`
returns as the cache, and the caller hands it back. So one layer can be run twice before either result is
differentiated, and nothing is hidden.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from chainrule.display import code_block, fold, frame, markdown_table, rows_of_text, table

Array = NDArray[Any]
Arrays = dict[str, Array]


class Layer(ABC):
    """Base of all layers.

    A subclass names the attributes that hold its trainable arrays in `parameter_names`, those that hold its other state
    in `buffer_names`, and gives the layers that it is made of, if any, in `children`. An attribute that is None (a
    bias that was not asked for) is not a parameter. `freezable` are the parameters that `freeze` takes.
    """

    parameter_names: ClassVar[tuple[str, ...]] = ()
    buffer_names: ClassVar[tuple[str, ...]] = ()
    freezable: ClassVar[tuple[str, ...]] = ()
    training: bool = True

    @abstractmethod
    def forward(self, X: Array) -> tuple[Array, Any]:
        """Return the output Y and the cache that `backward` needs. X is not changed.

        Y and the cache may share memory with each other or with X, so neither may be changed before `backward`.
        """

    @abstractmethod
    def backward(self, dY: Array, cache: Any) -> tuple[Array, Arrays]:
        """Return dX and the gradient of each parameter, by the names of `params`. dY and cache are not changed."""

    def parameter_gradients(self, dY: Array, cache: Any) -> Arrays:
        """Return the gradients of the parameters alone, for a first layer, whose dX nobody needs."""
        return self.backward(dY, cache)[1]

    def consume(self, dY: Array, cache: Any) -> Arrays:
        """As `parameter_gradients`, for a cache that nobody needs afterwards, whose memory may be released early."""
        return self.parameter_gradients(dY, cache)

    @property
    def children(self) -> dict[str, Layer]:
        """The layers that this one is made of, by name; none for most."""
        return {}

    def freeze(self, *names: str) -> Self:
        """Keep these parameters as they are from now on, as buffers: `backward` computes no gradient of them.

        The counterpart of PyTorch's `requires_grad_(False)`; returns self. Raises ValueError for a name that the layer
        cannot freeze.
        """
        for name in names:
            if name not in self.freezable:
                able = ", ".join(self.freezable) or "nothing"
                raise ValueError(f"{type(self).__name__}.freeze: {name!r} cannot be frozen; what can is {able}")
        # The layer's own, in place of the class's.
        self.parameter_names = tuple(n for n in self.parameter_names if n not in names)  # type: ignore[misc]
        self.buffer_names = (*self.buffer_names, *(n for n in names if n not in self.buffer_names))  # type: ignore[misc]
        return self

    def modules(self, prefix: str = "") -> Iterator[tuple[str, Layer]]:
        """Yield this layer and all those within it, each with the prefix of its arrays' names."""
        yield prefix, self
        for name, child in self.children.items():
            yield from child.modules(f"{prefix}{name}.")

    @property
    def params(self) -> Arrays:
        """The trainable arrays themselves, by PyTorch's names; an optimizer changes them in place."""
        return self._named("parameter_names")

    @property
    def buffers(self) -> Arrays:
        """The arrays that are state but not trained, such as running statistics."""
        return self._named("buffer_names")

    def _named(self, kind: str) -> Arrays:
        named = ((prefix + n, getattr(layer, n)) for prefix, layer in self.modules() for n in getattr(layer, kind))
        return {name: array for name, array in named if array is not None}

    def _repr_html_(self) -> str:
        return frame(table(*self._summarise()), fold("Equations", rows_of_text([(self._equations(), "note")])))

    def _repr_markdown_(self) -> str:
        return f"{markdown_table(*self._summarise())}\n\n{code_block(self._equations())}"

    def _equations(self) -> str:
        """The docstring of the layer's module, which states forward and backward."""
        return inspect.getdoc(inspect.getmodule(type(self))) or ""

    def _summarise(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Headings and rows of a table: each layer with its arrays, their shapes, and the number of parameters."""
        rows: list[tuple[str, ...]] = []
        for prefix, layer in self.modules():
            if layer.children:
                continue
            arrays = {**layer.params, **layer.buffers}
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            count = sum(array.size for array in layer.params.values())
            rows.append((prefix.rstrip("."), repr(layer), shapes, f"{count:,}"))
        rows.append(("", "all", "", f"{sum(array.size for array in self.params.values()):,}"))
        return ("name", "layer", "arrays", "parameters"), rows

    def train(self, mode: bool = True) -> Self:
        """Switch this layer and all within it to training (or, with False, to evaluation); return self."""
        for _, layer in self.modules():
            layer.training = mode
        return self

    def eval(self) -> Self:
        """Switch to evaluation: no dropout, no batch statistics; return self."""
        return self.train(False)

    def state_dict(self) -> Arrays:
        """Copies of all parameters and buffers, with the names and shapes of the PyTorch counterpart.

        They are in C order, whatever the layer's own order, as safetensors expects.
        """
        return {name: array.copy(order="C") for name, array in self._arrays().items()}

    def to_onnx(self, path: str | Path | None = None, **settings: Any) -> Any:
        """Return the layer, as it is in evaluation, as an ONNX model, written to `path` where that is given.

        settings: those of `chainrule.onnx.to_onnx`, such as shape=(None, 3, 32, 32), that of the input. Needs the extra
        `onnx`.
        """
        return import_module("chainrule.onnx").to_onnx(self, path, **settings)  # by its name: it knows every layer

    def _arrays(self) -> Arrays:
        return {**self.params, **self.buffers}

    def load_state_dict(self, state: Mapping[str, Array]) -> None:
        """Copy the arrays of `state` into the layer's own, cast to their dtype; nothing is changed on an error.

        Raises KeyError for missing or unknown names, ValueError for a shape that differs.
        """
        own = self._arrays()
        if missing := [name for name in own if name not in state]:
            raise KeyError(f"{type(self).__name__}.load_state_dict: missing {', '.join(missing)}")
        if unknown := [name for name in state if name not in own]:
            raise KeyError(f"{type(self).__name__}.load_state_dict: unknown {', '.join(unknown)}")
        for name, array in own.items():
            if np.shape(state[name]) != array.shape:
                raise ValueError(
                    f"{type(self).__name__}.load_state_dict: {name} has shape {np.shape(state[name])}, "
                    f"expected {array.shape}"
                )
        for name, array in own.items():
            array[...] = state[name]


def as_size(layer: str, name: str, value: object, least: int) -> int:
    """Return a layer's argument as an int. Raises ValueError unless it is whole and not less than `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{layer}: {name} is {value!r}, but must be a whole number from {least} up")
    return int(value)


def check_floating(layer: object, X: Array) -> None:
    """Raise TypeError unless X is an array of floats (or complex numbers), ValueError if it has no axis."""
    if not isinstance(X, np.ndarray):
        raise TypeError(f"{layer!r}: X has type {type(X).__name__}, but must be an array of floats")
    if X.dtype.kind not in "fc":
        raise TypeError(f"{layer!r}: X has dtype {X.dtype}, but must be an array of floats")
    if X.ndim == 0:
        raise ValueError(f"{layer!r}: X has shape (), but must have one axis at least")


def check_axis(layer: object, X: Array, name: str, axis: int) -> None:
    """Raise ValueError unless X has an axis of this number; `name` is what the layer calls it."""
    if not -X.ndim <= axis < X.ndim:
        raise ValueError(f"{layer!r}: X has shape {X.shape}, so {name} must lie in {-X.ndim} … {X.ndim - 1}")


def check_features(layer: object, X: Array, axis: int, size: int) -> None:
    """Raise ValueError unless axis `axis` of the input X has the size that the layer was made for."""
    if X.ndim == 0 or axis >= X.ndim or X.shape[axis] != size:
        raise ValueError(f"{layer!r}: X has shape {X.shape}, but its axis {axis} must be {size}")


def check_cotangent(layer: object, dY: Array, shape: tuple[int, ...]) -> None:
    """Raise ValueError unless the cotangent dY has the shape of the output that it belongs to."""
    if dY.shape != shape:
        raise ValueError(f"{layer!r}: dY has shape {dY.shape}, but the output has shape {shape}")


def uniform(rng: np.random.Generator | None, bound: float, shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """Draw U(-bound, bound), PyTorch's default initialisation of linear and convolution layers."""
    rng = np.random.default_rng() if rng is None else rng
    return rng.uniform(-bound, bound, shape).astype(dtype)
