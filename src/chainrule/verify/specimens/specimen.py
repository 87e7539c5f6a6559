"""What a specimen is: how to make a layer or a loss, what to give it, and how its equations see both."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule import layers

Array = Any
Make = Callable[[np.random.Generator, Any], layers.Layer]
SHAPE = (7, 5)


@dataclass(frozen=True, kw_only=True)
class LayerSpecimen:
    """How to make one layer, and what to give it.

    make(rng, dtype): returns the layer.  torch(nn): returns the counterpart, given the module torch.nn.
    shape: of the input, samples first.  smallest_batch: that of training.
    stated: whether the docstring's equations have the indices of this shape, so that they can be verified.
    symbols(layer, X, cache): what the names in the equations mean beyond X and the layer's attributes; views of a
    parameter's memory stand for that parameter, or for a part of it.
    spread: of the parameters, about their mean 0.3 spread: what multiplies several of them needs smaller ones.
    classes: where the input is no array of numbers, but one of class numbers, how many classes there are.
    input_as, output_as(layer, shape): the shape in which the equations see an input or output of this shape.
    variant: names the section of the docstring.
    through(layer, gradients, cache): for a layer around another one, the part of dX that comes through that one, given
    the gradients that the equations state.
    mixes_samples: evaluation, too, looks across samples.  draws: no two forwards in training are the same.
    """

    make: Make
    torch: Callable[[Any], Any]
    shape: tuple[int, ...] = SHAPE
    smallest_batch: int = 1
    stated: bool = True
    spread: float = 1.0
    symbols: Callable[[Any, Array, Any], dict[str, Any]] = lambda layer, X, cache: {}
    classes: int | None = None
    input_as: Callable[[Any, tuple[int, ...]], tuple[int, ...]] = lambda layer, shape: shape
    output_as: Callable[[Any, tuple[int, ...]], tuple[int, ...]] = lambda layer, shape: shape
    variant: str = ""
    through: Callable[[Any, dict[str, Array], Any], Array] | None = None
    mixes_samples: bool = False
    draws: bool = False

    def layer(self, dtype: Any = np.float64, training: bool = True) -> layers.Layer:
        """A layer with random parameters (gains and biases too) and running statistics, the same ones each time."""
        rng = np.random.default_rng(5)
        layer = self.make(rng, dtype)
        for array in layer.params.values():
            array[...] = self.spread * rng.normal(0.3, 1.0, array.shape)
        for array in layer.buffers.values():
            array[...] = rng.uniform(0.5, 2.0, array.shape) if array.ndim else 3
        return layer.train(training)

    def input(self, dtype: Any = np.float64, samples: int | None = None) -> Array:
        """An input X, the same one each time."""
        shape = self.shape if samples is None else (samples, *self.shape[1:])
        if self.classes is not None:
            return np.random.default_rng(6).integers(0, self.classes, shape)
        return np.random.default_rng(6).normal(0.2, 1.5, shape).astype(dtype)


@dataclass(frozen=True)
class LossSpecimen:
    """How to make one loss, and draw its input and targets; torch(nn) returns the counterpart.

    symbols(loss, X, targets): what the names in the equations mean beyond X and the loss's attributes.
    mixes_samples: the loss is not the mean of the losses of its samples alone.
    """

    make: Callable[[], layers.Loss]
    draw: Callable[[np.random.Generator], tuple[Array, Array]]
    torch: Callable[[Any], Any] | None
    variant: str = ""
    symbols: Callable[[Any, Array, Array], dict[str, Any]] = lambda loss, X, targets: {"T": targets}
    mixes_samples: bool = False

    def arguments(self, dtype: Any = np.float64) -> tuple[Array, Array]:
        """X and targets, the same ones each time."""
        X, targets = self.draw(np.random.default_rng(7))
        return X.astype(dtype), targets


def alike(kind: str, *arguments: Any, **settings: Any) -> dict[str, Any]:
    """Return `make` and `torch` of a layer whose class and arguments are PyTorch's."""
    return {
        "make": ours(kind, *arguments, **settings),
        "torch": lambda nn: getattr(nn, kind)(*arguments, **settings),
    }


def ours(kind: str, *arguments: Any, **settings: Any) -> Make:
    """Return the function that makes a layer of chainrule, with the generator and the dtype if its class takes them."""
    known = getattr(layers, kind)
    takes = inspect.signature(known).parameters

    def make(rng: np.random.Generator, dtype: Any) -> layers.Layer:
        given = {name: value for name, value in (("rng", rng), ("dtype", dtype)) if name in takes}
        return cast(layers.Layer, known(*arguments, **settings, **given))

    return make


def cotangent(Y: Array) -> Array:
    """A random cotangent for Y: ones would be blind to what softmax and the norms do."""
    return np.random.default_rng(8).normal(size=Y.shape).astype(Y.dtype)


def residual(nn: Any, body: Any) -> Any:
    """PyTorch's side of `Residual`."""

    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = body

        def forward(self, X: Any) -> Any:
            return X + self.body(X)

    return Residual()


def strides_and_padding(layer: Any) -> dict[str, int]:
    """The geometry's numbers by the names that the equations have for them."""
    (sh, sw), (ph, pw) = layer.geometry.stride, layer.geometry.padding
    return {"sh": sh, "sw": sw, "ph": ph, "pw": pw}
