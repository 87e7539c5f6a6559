"""Every layer and loss of the package, each with an input, awkward random parameters and its PyTorch counterpart.

A new layer is one entry here; `chainrule verify`, the contracts and the parity tests then hold it. Sizes within a shape
all differ.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from chainrule import layers, nets

Array = Any


Make = Callable[[np.random.Generator, Any], layers.Layer]
SHAPE = (7, 5)


@dataclass(frozen=True, kw_only=True)
class LayerSpecimen:
    """How to make one layer, and what to give it.

    make(rng, dtype): returns the layer.  torch(nn): returns the counterpart, given the module torch.nn.
    shape: of the input, samples first.  smallest_batch: that of training.
    stated: whether the docstring's equations have the indices of this shape, so that they can be verified.
    symbols(layer, X, cache): what the names in the equations mean beyond X and the layer's attributes.
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
    symbols: Callable[[Any, Array, Any], dict[str, Any]] = lambda layer, X, cache: {}
    variant: str = ""
    through: Callable[[Any, dict[str, Array], Any], Array] | None = None
    mixes_samples: bool = False
    draws: bool = False

    def layer(self, dtype: Any = np.float64, training: bool = True) -> layers.Layer:
        """A layer with random parameters (gains and biases too) and running statistics, the same ones each time."""
        rng = np.random.default_rng(5)
        layer = self.make(rng, dtype)
        for array in layer.params.values():
            array[...] = rng.normal(0.3, 1.0, array.shape)
        for array in layer.buffers.values():
            array[...] = rng.uniform(0.5, 2.0, array.shape) if array.ndim else 3
        return layer.train(training)

    def input(self, dtype: Any = np.float64, samples: int | None = None) -> Array:
        """An input X, the same one each time."""
        shape = self.shape if samples is None else (samples, *self.shape[1:])
        return np.random.default_rng(6).normal(0.2, 1.5, shape).astype(dtype)


@dataclass(frozen=True)
class LossSpecimen:
    """How to make one loss, and draw its input and targets; torch(nn) returns the counterpart."""

    make: Callable[[], layers.Loss]
    draw: Callable[[np.random.Generator], tuple[Array, Array]]
    torch: Callable[[Any], Any] | None
    variant: str = ""

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


def _residual(nn: Any, body: Any) -> Any:
    class Residual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = body

        def forward(self, X: Any) -> Any:
            return X + self.body(X)

    return Residual()


def _rectified(nn: Any, layer: Any) -> Any:
    layer.register_forward_hook(lambda module, inputs, output: nn.functional.relu(output))
    return layer


def _strides_and_padding(layer: Any) -> dict[str, int]:
    (sh, sw), (ph, pw) = layer.geometry.stride, layer.geometry.padding
    return {"sh": sh, "sw": sw, "ph": ph, "pw": pw}


def _conv2d_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    return {"W": layer.weight, "b": layer.bias, **_strides_and_padding(layer)}


def _max_pool_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    return {"P": _outside(layer, X), **_strides_and_padding(layer)}


def _avg_pool_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    return {"share": _shares(layer, X), **_strides_and_padding(layer)}


def _outside(layer: Any, X: Array) -> Array:
    """[i,j,a,e]: infinite where entry (a, e) of the window at (i, j) lies in the padding, else 0."""
    rows, columns = (
        (stride * np.arange((size + 2 * padding - kernel) // stride + 1)[:, None] + np.arange(kernel) - padding, size)
        for size, kernel, stride, padding in zip(X.shape[2:], *layer.geometry, strict=True)
    )
    beyond_row, beyond_column = ((places < 0) | (places >= size) for places, size in (rows, columns))
    return np.where(beyond_row[:, None, :, None] | beyond_column[None, :, None, :], np.inf, 0.0)


def _shares(layer: Any, X: Array) -> Array:
    """[a,e,i,j]: one divided by how many entries of the window at (i, j) count."""
    counted = np.isfinite(_outside(layer, X)) if not layer.count_include_pad else np.ones_like(_outside(layer, X))
    shares = np.broadcast_to(1 / counted.sum(axis=(2, 3), keepdims=True), counted.shape)
    return shares.transpose(2, 3, 0, 1)


def _rnn_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    symbols = {"W": layer.weight_ih_l0, "U": layer.weight_hh_l0, "b": layer.bias_ih_l0, "c": layer.bias_hh_l0}
    return {name: array for name, array in symbols.items() if array is not None}


def _states_of(rnn: Any) -> Any:
    """PyTorch's class, with the states alone as its output."""

    class States(rnn):
        def forward(self, X: Any) -> Any:
            return super().forward(X)[0]

    return States


def _normed_rnn(norm: str, steps: int | None) -> Any:
    from chainrule.pytorch import RNN

    return RNN(5, 4, norm=norm, steps=steps, eps=0.01)


def _row_rnn() -> Any:
    from chainrule.pytorch import RowRNN

    return RowRNN((2, 3, 4), 5, 6)


def _mlp(norm: str | None, activation: str) -> Make:
    return lambda rng, dtype: nets.MLP(4, [6, 3], 5, activation=activation, norm=norm, rng=rng, dtype=dtype)


def _class_numbers(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(0, 2, (7, 5)), rng.integers(0, 5, 7)


def _target_probabilities(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(0, 2, (7, 5)), rng.dirichlet(np.ones(5), 7)


def _probabilities(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.dirichlet(np.ones(5), 7), rng.dirichlet(np.ones(5), 7)


LAYERS = {
    "linear": LayerSpecimen(
        **alike("Linear", 5, 3), symbols=lambda layer, X, cache: {"W": layer.weight, "b": layer.bias}
    ),
    "linear without bias": LayerSpecimen(**alike("Linear", 5, 3, bias=False), stated=False),
    "linear, more axes": LayerSpecimen(**alike("Linear", 5, 3), shape=(2, 4, 5), stated=False),
    "conv2d": LayerSpecimen(
        **alike("Conv2d", 2, 3, (4, 3), stride=(3, 2), padding=(1, 2)), shape=(3, 2, 7, 5), symbols=_conv2d_symbols
    ),
    "conv2d without bias": LayerSpecimen(
        make=ours("Conv2d", 2, 3, 2, bias=False, algorithm="shifted"),
        torch=lambda nn: nn.Conv2d(2, 3, 2, bias=False),
        shape=(3, 2, 4, 5),
        stated=False,
    ),
    "conv2d, 1 × 1": LayerSpecimen(**alike("Conv2d", 3, 2, 1), shape=(4, 3, 2, 5), symbols=_conv2d_symbols),
    "conv2d by Winograd": LayerSpecimen(
        make=ours("Conv2d", 2, 3, 3, padding=1, algorithm="winograd4"),
        torch=lambda nn: nn.Conv2d(2, 3, 3, padding=1),
        shape=(3, 2, 6, 4),
        symbols=_conv2d_symbols,
    ),
    "elu": LayerSpecimen(**alike("ELU")),
    "elu, alpha 0.7": LayerSpecimen(**alike("ELU", 0.7)),
    "elu, alpha 1.7": LayerSpecimen(**alike("ELU", 1.7)),
    "relu": LayerSpecimen(**alike("ReLU")),
    "leaky relu": LayerSpecimen(**alike("LeakyReLU")),
    "leaky relu, slope 1.3": LayerSpecimen(**alike("LeakyReLU", 1.3)),
    "gelu": LayerSpecimen(**alike("GELU")),
    "gelu by tanh": LayerSpecimen(**alike("GELU", approximate="tanh"), variant='approximate="tanh"'),
    "silu": LayerSpecimen(**alike("SiLU")),
    "tanh": LayerSpecimen(**alike("Tanh")),
    "sigmoid": LayerSpecimen(**alike("Sigmoid")),
    "softmax": LayerSpecimen(**alike("Softmax", dim=-1)),
    "softmax, first axis": LayerSpecimen(**alike("Softmax", dim=0), shape=(3, 4, 2), stated=False, mixes_samples=True),
    "log-softmax": LayerSpecimen(**alike("LogSoftmax", dim=-1)),
    "log-softmax, middle axis": LayerSpecimen(**alike("LogSoftmax", dim=1), shape=(3, 4, 2), stated=False),
    "batch norm": LayerSpecimen(**alike("BatchNorm1d", 5), smallest_batch=2),
    "batch norm over places": LayerSpecimen(
        **alike("BatchNorm1d", 5, eps=0.01, momentum=None), shape=(4, 5, 3), stated=False
    ),
    "batch norm without gain": LayerSpecimen(
        **alike("BatchNorm1d", 5, momentum=0.3, affine=False), smallest_batch=2, stated=False
    ),
    "batch norm of images": LayerSpecimen(**alike("BatchNorm2d", 3), shape=(4, 3, 5, 2)),
    "batch norm of images without gain": LayerSpecimen(
        **alike("BatchNorm2d", 3, eps=0.01, momentum=None, affine=False), shape=(4, 3, 5, 2), stated=False
    ),
    "batch norm of images, rectified": LayerSpecimen(
        make=ours("BatchNormReLU2d", 3), torch=lambda nn: _rectified(nn, nn.BatchNorm2d(3)), shape=(4, 3, 5, 2)
    ),
    "batch norm of images without gain, rectified": LayerSpecimen(
        make=ours("BatchNormReLU2d", 3, eps=0.01, momentum=None, affine=False),
        torch=lambda nn: _rectified(nn, nn.BatchNorm2d(3, eps=0.01, momentum=None, affine=False)),
        shape=(4, 3, 5, 2),
        stated=False,
    ),
    "max pooling": LayerSpecimen(
        **alike("MaxPool2d", (2, 3), stride=(3, 2), padding=(1, 1)), shape=(3, 2, 7, 5), symbols=_max_pool_symbols
    ),
    "max pooling, stride of the kernel": LayerSpecimen(**alike("MaxPool2d", 2), shape=(3, 2, 7, 5), stated=False),
    "average pooling": LayerSpecimen(
        **alike("AvgPool2d", (2, 3), stride=(3, 2), padding=(1, 1)), shape=(3, 2, 7, 5), symbols=_avg_pool_symbols
    ),
    "average pooling within the image": LayerSpecimen(
        **alike("AvgPool2d", 3, stride=2, padding=1, count_include_pad=False),
        shape=(3, 2, 4, 5),
        symbols=_avg_pool_symbols,
    ),
    "global average pooling": LayerSpecimen(
        make=ours("GlobalAvgPool"),
        torch=lambda nn: nn.AdaptiveAvgPool2d(1),
        shape=(3, 2, 4, 5),
        symbols=lambda layer, X, cache: {"one": np.ones((1, 1))},
    ),
    "layer norm": LayerSpecimen(**alike("LayerNorm", 5)),
    "layer norm, two axes": LayerSpecimen(**alike("LayerNorm", (5, 2), eps=0.01), shape=(3, 4, 5, 2), stated=False),
    "layer norm without gain": LayerSpecimen(**alike("LayerNorm", 5, elementwise_affine=False), stated=False),
    "layer norm without bias": LayerSpecimen(**alike("LayerNorm", 5, bias=False), stated=False),
    "dropout": LayerSpecimen(
        **alike("Dropout", 0.3), symbols=lambda layer, X, cache: {"M": cache[0] * (1 - layer.p)}, draws=True
    ),
    "dropout of channels": LayerSpecimen(
        **alike("Dropout2d", 0.3),
        shape=(3, 4, 5, 2),
        symbols=lambda layer, X, cache: {"M": cache[0][:, :, 0, 0] * (1 - layer.p)},
        draws=True,
    ),
    "flatten": LayerSpecimen(
        **alike("Flatten"), shape=(3, 4, 2), symbols=lambda layer, X, cache: {"width": X.shape[2]}
    ),
    "flatten, middle axes": LayerSpecimen(**alike("Flatten", 1, -2), shape=(3, 4, 2, 5), stated=False),
    "residual": LayerSpecimen(
        make=lambda rng, dtype: layers.Residual(layers.Linear(5, 5, rng=rng, dtype=dtype)),
        torch=lambda nn: _residual(nn, nn.Linear(5, 5)),
        symbols=lambda layer, X, cache: {"B": layer.body.forward(X)[0]},
        through=lambda layer, gradients, cache: layer.body.backward(gradients["dB"], cache[1])[0],
    ),
    "rnn": LayerSpecimen(
        make=ours("RNN", 5, 4),
        torch=lambda nn: _states_of(nn.RNN)(5, 4, batch_first=True),
        shape=(2, 3, 5),
        symbols=_rnn_symbols,
    ),
    "rnn with relu, without bias": LayerSpecimen(
        make=ours("RNN", 5, 4, nonlinearity="relu", bias=False),
        torch=lambda nn: _states_of(nn.RNN)(5, 4, nonlinearity="relu", bias=False, batch_first=True),
        shape=(2, 3, 5),
        stated=False,
    ),
    "rnn with layer norm": LayerSpecimen(
        make=ours("RNN", 5, 4, norm="layer", eps=0.01),
        torch=lambda nn: _normed_rnn("layer", None),
        shape=(2, 3, 5),
        symbols=_rnn_symbols,
        variant='norm="layer"',
    ),
    "rnn with batch norm": LayerSpecimen(
        make=ours("RNN", 5, 4, norm="batch", steps=6, eps=0.01),
        torch=lambda nn: _normed_rnn("batch", 6),
        shape=(6, 3, 5),
        smallest_batch=2,
        symbols=_rnn_symbols,
        variant='norm="batch"',
    ),
    "sequence": LayerSpecimen(
        make=lambda rng, dtype: nets.Sequential(
            layers.Residual(nets.Sequential(layers.LayerNorm(4, dtype=dtype), layers.SiLU())),
            layers.Linear(4, 6, rng=rng, dtype=dtype),
        ),
        torch=lambda nn: nn.Sequential(_residual(nn, nn.Sequential(nn.LayerNorm(4), nn.SiLU())), nn.Linear(4, 6)),
        shape=(7, 4),
        stated=False,
    ),
    "rows read by an rnn": LayerSpecimen(
        make=lambda rng, dtype: nets.RowRNN((2, 3, 4), 5, 6, rng=rng, dtype=dtype),
        torch=lambda nn: _row_rnn(),
        shape=(7, 2, 3, 4),
        stated=False,
    ),
    "mlp with batch norm": LayerSpecimen(
        make=_mlp("batch", "elu"),
        torch=lambda nn: nn.Sequential(
            *(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ELU()),
            *(nn.Linear(6, 3), nn.BatchNorm1d(3), nn.ELU()),
            nn.Linear(3, 5),
        ),
        shape=(7, 4),
        smallest_batch=2,
        stated=False,
    ),
    "mlp with layer norm": LayerSpecimen(
        make=_mlp("layer", "gelu"),
        torch=lambda nn: nn.Sequential(
            *(nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU()),
            *(nn.Linear(6, 3), nn.LayerNorm(3), nn.GELU()),
            nn.Linear(3, 5),
        ),
        shape=(7, 4),
        stated=False,
    ),
}

LOSSES = {
    "cross-entropy": LossSpecimen(layers.CrossEntropyLoss, _class_numbers, lambda nn: nn.CrossEntropyLoss()),
    "cross-entropy of probabilities": LossSpecimen(
        layers.CrossEntropyLoss, _target_probabilities, lambda nn: nn.CrossEntropyLoss()
    ),
    "cross-entropy, smoothed": LossSpecimen(
        lambda: layers.CrossEntropyLoss(label_smoothing=0.2),
        _class_numbers,
        lambda nn: nn.CrossEntropyLoss(label_smoothing=0.2),
    ),
    "cross-entropy of probabilities, smoothed": LossSpecimen(
        lambda: layers.CrossEntropyLoss(label_smoothing=0.2),
        lambda rng: (rng.normal(0, 2, (7, 5)), rng.random((7, 5))),  # rows that do not sum to 1
        lambda nn: nn.CrossEntropyLoss(label_smoothing=0.2),
    ),
    "cross-entropy after softmax": LossSpecimen(
        lambda: layers.CrossEntropyLoss(from_logits=False), _probabilities, None, variant="from_logits=False"
    ),
    "mean squared error": LossSpecimen(
        layers.MSELoss, lambda rng: (rng.normal(size=(7, 5)), rng.normal(size=(7, 5))), lambda nn: nn.MSELoss()
    ),
}
