"""Every layer and loss of the package, each with an input, awkward random parameters and its PyTorch counterpart.

A new layer is one entry here; `chainrule verify`, the contracts and the parity tests then hold it. Sizes within a shape
all differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule import layers, nets

Array = Any


@dataclass(frozen=True)
class LayerSpecimen:
    """How to make one layer, and what to give it.

    make(rng, dtype) returns the layer; shape is that of its input, samples first; torch(nn) returns the counterpart,
    given the module torch.nn. symbols(layer, X, cache) gives what the names in the docstring's equations mean beyond X
    and the layer's attributes, and `variant` names the section; symbols is None where the equations' indices do not fit
    the shape. through(layer, gradients, cache), for a layer around another one, is the part of dX that comes through
    that one, given the gradients that the equations state. `smallest_batch` is that of training; `mixes_samples` says
    that evaluation, too, looks across samples, and `draws` that no two forwards in training are the same.
    """

    make: Callable[[np.random.Generator, Any], layers.Layer]
    shape: tuple[int, ...]
    torch: Callable[[Any], Any]
    symbols: Callable[[Any, Array, Any], dict[str, Any]] | None = lambda layer, X, cache: {}
    variant: str = ""
    through: Callable[[Any, dict[str, Array], Any], Array] | None = None
    smallest_batch: int = 1
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


def _mlp(norm: str | None, activation: str) -> Callable[[np.random.Generator, Any], layers.Layer]:
    return lambda rng, dtype: nets.MLP(4, [6, 3], 5, activation=activation, norm=norm, rng=rng, dtype=dtype)


def _class_numbers(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(0, 2, (7, 5)), rng.integers(0, 5, 7)


def _target_probabilities(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.normal(0, 2, (7, 5)), rng.dirichlet(np.ones(5), 7)


def _probabilities(rng: np.random.Generator) -> tuple[Any, Any]:
    return rng.dirichlet(np.ones(5), 7), rng.dirichlet(np.ones(5), 7)


SHAPE = (7, 5)

LAYERS = {
    "linear": LayerSpecimen(
        lambda rng, dtype: layers.Linear(5, 3, rng=rng, dtype=dtype),
        SHAPE,
        lambda nn: nn.Linear(5, 3),
        lambda layer, X, cache: {"W": layer.weight, "b": layer.bias},
    ),
    "linear without bias": LayerSpecimen(
        lambda rng, dtype: layers.Linear(5, 3, bias=False, rng=rng, dtype=dtype),
        SHAPE,
        lambda nn: nn.Linear(5, 3, bias=False),
        None,
    ),
    "linear, more axes": LayerSpecimen(
        lambda rng, dtype: layers.Linear(5, 3, rng=rng, dtype=dtype), (2, 4, 5), lambda nn: nn.Linear(5, 3), None
    ),
    "conv2d": LayerSpecimen(
        lambda rng, dtype: layers.Conv2d(2, 3, (4, 3), stride=(3, 2), padding=(1, 2), rng=rng, dtype=dtype),
        (3, 2, 7, 5),
        lambda nn: nn.Conv2d(2, 3, (4, 3), stride=(3, 2), padding=(1, 2)),
        lambda layer, X, cache: {"W": layer.weight, "b": layer.bias, **_strides_and_padding(layer)},
    ),
    "conv2d without bias": LayerSpecimen(
        lambda rng, dtype: layers.Conv2d(2, 3, 2, bias=False, algorithm="shifted", rng=rng, dtype=dtype),
        (3, 2, 4, 5),
        lambda nn: nn.Conv2d(2, 3, 2, bias=False),
        None,
    ),
    "conv2d, 1 × 1": LayerSpecimen(
        lambda rng, dtype: layers.Conv2d(3, 2, 1, rng=rng, dtype=dtype),
        (4, 3, 2, 5),
        lambda nn: nn.Conv2d(3, 2, 1),
        lambda layer, X, cache: {"W": layer.weight, "b": layer.bias, **_strides_and_padding(layer)},
    ),
    "conv2d by Winograd": LayerSpecimen(
        lambda rng, dtype: layers.Conv2d(2, 3, 3, padding=1, algorithm="winograd4", rng=rng, dtype=dtype),
        (3, 2, 6, 4),
        lambda nn: nn.Conv2d(2, 3, 3, padding=1),
        lambda layer, X, cache: {"W": layer.weight, "b": layer.bias, **_strides_and_padding(layer)},
    ),
    "elu": LayerSpecimen(lambda rng, dtype: layers.ELU(), SHAPE, lambda nn: nn.ELU()),
    "elu, alpha 0.7": LayerSpecimen(lambda rng, dtype: layers.ELU(0.7), SHAPE, lambda nn: nn.ELU(0.7)),
    "elu, alpha 1.7": LayerSpecimen(lambda rng, dtype: layers.ELU(1.7), SHAPE, lambda nn: nn.ELU(1.7)),
    "relu": LayerSpecimen(lambda rng, dtype: layers.ReLU(), SHAPE, lambda nn: nn.ReLU()),
    "leaky relu": LayerSpecimen(lambda rng, dtype: layers.LeakyReLU(), SHAPE, lambda nn: nn.LeakyReLU()),
    "leaky relu, slope 1.3": LayerSpecimen(
        lambda rng, dtype: layers.LeakyReLU(1.3), SHAPE, lambda nn: nn.LeakyReLU(1.3)
    ),
    "gelu": LayerSpecimen(lambda rng, dtype: layers.GELU(), SHAPE, lambda nn: nn.GELU()),
    "gelu by tanh": LayerSpecimen(
        lambda rng, dtype: layers.GELU("tanh"),
        SHAPE,
        lambda nn: nn.GELU(approximate="tanh"),
        variant='approximate="tanh"',
    ),
    "silu": LayerSpecimen(lambda rng, dtype: layers.SiLU(), SHAPE, lambda nn: nn.SiLU()),
    "tanh": LayerSpecimen(lambda rng, dtype: layers.Tanh(), SHAPE, lambda nn: nn.Tanh()),
    "sigmoid": LayerSpecimen(lambda rng, dtype: layers.Sigmoid(), SHAPE, lambda nn: nn.Sigmoid()),
    "softmax": LayerSpecimen(lambda rng, dtype: layers.Softmax(), SHAPE, lambda nn: nn.Softmax(dim=-1)),
    "softmax, first axis": LayerSpecimen(
        lambda rng, dtype: layers.Softmax(dim=0),
        (3, 4, 2),
        lambda nn: nn.Softmax(dim=0),
        None,
        mixes_samples=True,
    ),
    "log-softmax": LayerSpecimen(lambda rng, dtype: layers.LogSoftmax(), SHAPE, lambda nn: nn.LogSoftmax(dim=-1)),
    "log-softmax, middle axis": LayerSpecimen(
        lambda rng, dtype: layers.LogSoftmax(dim=1), (3, 4, 2), lambda nn: nn.LogSoftmax(dim=1), None
    ),
    "batch norm": LayerSpecimen(
        lambda rng, dtype: layers.BatchNorm1d(5, dtype=dtype),
        SHAPE,
        lambda nn: nn.BatchNorm1d(5),
        smallest_batch=2,
    ),
    "batch norm over places": LayerSpecimen(
        lambda rng, dtype: layers.BatchNorm1d(5, eps=0.01, momentum=None, dtype=dtype),
        (4, 5, 3),
        lambda nn: nn.BatchNorm1d(5, eps=0.01, momentum=None),
        None,
    ),
    "batch norm without gain": LayerSpecimen(
        lambda rng, dtype: layers.BatchNorm1d(5, momentum=0.3, affine=False, dtype=dtype),
        SHAPE,
        lambda nn: nn.BatchNorm1d(5, momentum=0.3, affine=False),
        None,
        smallest_batch=2,
    ),
    "batch norm of images": LayerSpecimen(
        lambda rng, dtype: layers.BatchNorm2d(3, dtype=dtype), (4, 3, 5, 2), lambda nn: nn.BatchNorm2d(3)
    ),
    "batch norm of images without gain": LayerSpecimen(
        lambda rng, dtype: layers.BatchNorm2d(3, eps=0.01, momentum=None, affine=False, dtype=dtype),
        (4, 3, 5, 2),
        lambda nn: nn.BatchNorm2d(3, eps=0.01, momentum=None, affine=False),
        None,
    ),
    "batch norm of images, rectified": LayerSpecimen(
        lambda rng, dtype: layers.BatchNormReLU2d(3, dtype=dtype),
        (4, 3, 5, 2),
        lambda nn: _rectified(nn, nn.BatchNorm2d(3)),
    ),
    "batch norm of images without gain, rectified": LayerSpecimen(
        lambda rng, dtype: layers.BatchNormReLU2d(3, eps=0.01, momentum=None, affine=False, dtype=dtype),
        (4, 3, 5, 2),
        lambda nn: _rectified(nn, nn.BatchNorm2d(3, eps=0.01, momentum=None, affine=False)),
        None,
    ),
    "max pooling": LayerSpecimen(
        lambda rng, dtype: layers.MaxPool2d((2, 3), stride=(3, 2), padding=(1, 1)),
        (3, 2, 7, 5),
        lambda nn: nn.MaxPool2d((2, 3), stride=(3, 2), padding=(1, 1)),
        lambda layer, X, cache: {"P": _outside(layer, X), **_strides_and_padding(layer)},
    ),
    "max pooling, stride of the kernel": LayerSpecimen(
        lambda rng, dtype: layers.MaxPool2d(2), (3, 2, 7, 5), lambda nn: nn.MaxPool2d(2), None
    ),
    "average pooling": LayerSpecimen(
        lambda rng, dtype: layers.AvgPool2d((2, 3), stride=(3, 2), padding=(1, 1)),
        (3, 2, 7, 5),
        lambda nn: nn.AvgPool2d((2, 3), stride=(3, 2), padding=(1, 1)),
        lambda layer, X, cache: {"share": _shares(layer, X), **_strides_and_padding(layer)},
    ),
    "average pooling within the image": LayerSpecimen(
        lambda rng, dtype: layers.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
        (3, 2, 4, 5),
        lambda nn: nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False),
        lambda layer, X, cache: {"share": _shares(layer, X), **_strides_and_padding(layer)},
    ),
    "global average pooling": LayerSpecimen(
        lambda rng, dtype: layers.GlobalAvgPool(),
        (3, 2, 4, 5),
        lambda nn: nn.AdaptiveAvgPool2d(1),
        lambda layer, X, cache: {"one": np.ones((1, 1))},
    ),
    "layer norm": LayerSpecimen(lambda rng, dtype: layers.LayerNorm(5, dtype=dtype), SHAPE, lambda nn: nn.LayerNorm(5)),
    "layer norm, two axes": LayerSpecimen(
        lambda rng, dtype: layers.LayerNorm((5, 2), eps=0.01, dtype=dtype),
        (3, 4, 5, 2),
        lambda nn: nn.LayerNorm((5, 2), eps=0.01),
        None,
    ),
    "layer norm without gain": LayerSpecimen(
        lambda rng, dtype: layers.LayerNorm(5, elementwise_affine=False, dtype=dtype),
        SHAPE,
        lambda nn: nn.LayerNorm(5, elementwise_affine=False),
        None,
    ),
    "layer norm without bias": LayerSpecimen(
        lambda rng, dtype: layers.LayerNorm(5, bias=False, dtype=dtype),
        SHAPE,
        lambda nn: nn.LayerNorm(5, bias=False),
        None,
    ),
    "dropout": LayerSpecimen(
        lambda rng, dtype: layers.Dropout(0.3, rng=rng),
        SHAPE,
        lambda nn: nn.Dropout(0.3),
        lambda layer, X, cache: {"M": cache[0] * (1 - layer.p)},
        draws=True,
    ),
    "dropout of channels": LayerSpecimen(
        lambda rng, dtype: layers.Dropout2d(0.3, rng=rng),
        (3, 4, 5, 2),
        lambda nn: nn.Dropout2d(0.3),
        lambda layer, X, cache: {"M": cache[0][:, :, 0, 0] * (1 - layer.p)},
        draws=True,
    ),
    "flatten": LayerSpecimen(
        lambda rng, dtype: layers.Flatten(),
        (3, 4, 2),
        lambda nn: nn.Flatten(),
        lambda layer, X, cache: {"width": X.shape[2]},
    ),
    "flatten, middle axes": LayerSpecimen(
        lambda rng, dtype: layers.Flatten(1, -2), (3, 4, 2, 5), lambda nn: nn.Flatten(1, -2), None
    ),
    "residual": LayerSpecimen(
        lambda rng, dtype: layers.Residual(layers.Linear(5, 5, rng=rng, dtype=dtype)),
        SHAPE,
        lambda nn: _residual(nn, nn.Linear(5, 5)),
        lambda layer, X, cache: {"B": layer.body.forward(X)[0]},
        through=lambda layer, gradients, cache: layer.body.backward(gradients["dB"], cache[1])[0],
    ),
    "rnn": LayerSpecimen(
        lambda rng, dtype: layers.RNN(5, 4, rng=rng, dtype=dtype),
        (2, 3, 5),
        lambda nn: _states_of(nn.RNN)(5, 4, batch_first=True),
        _rnn_symbols,
    ),
    "rnn with relu, without bias": LayerSpecimen(
        lambda rng, dtype: layers.RNN(5, 4, nonlinearity="relu", bias=False, rng=rng, dtype=dtype),
        (2, 3, 5),
        lambda nn: _states_of(nn.RNN)(5, 4, nonlinearity="relu", bias=False, batch_first=True),
        None,
    ),
    "rnn with layer norm": LayerSpecimen(
        lambda rng, dtype: layers.RNN(5, 4, norm="layer", eps=0.01, rng=rng, dtype=dtype),
        (2, 3, 5),
        lambda nn: _normed_rnn("layer", None),
        _rnn_symbols,
        variant='norm="layer"',
    ),
    "rnn with batch norm": LayerSpecimen(
        lambda rng, dtype: layers.RNN(5, 4, norm="batch", steps=6, eps=0.01, rng=rng, dtype=dtype),
        (6, 3, 5),
        lambda nn: _normed_rnn("batch", 6),
        _rnn_symbols,
        variant='norm="batch"',
        smallest_batch=2,
    ),
    "sequence": LayerSpecimen(
        lambda rng, dtype: nets.Sequential(
            layers.Residual(nets.Sequential(layers.LayerNorm(4, dtype=dtype), layers.SiLU())),
            layers.Linear(4, 6, rng=rng, dtype=dtype),
        ),
        (7, 4),
        lambda nn: nn.Sequential(_residual(nn, nn.Sequential(nn.LayerNorm(4), nn.SiLU())), nn.Linear(4, 6)),
        None,
    ),
    "rows read by an rnn": LayerSpecimen(
        lambda rng, dtype: nets.RowRNN((2, 3, 4), 5, 6, rng=rng, dtype=dtype),
        (7, 2, 3, 4),
        lambda nn: _row_rnn(),
        None,
    ),
    "mlp with batch norm": LayerSpecimen(
        _mlp("batch", "elu"),
        (7, 4),
        lambda nn: nn.Sequential(
            *(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ELU()),
            *(nn.Linear(6, 3), nn.BatchNorm1d(3), nn.ELU()),
            nn.Linear(3, 5),
        ),
        None,
        smallest_batch=2,
    ),
    "mlp with layer norm": LayerSpecimen(
        _mlp("layer", "gelu"),
        (7, 4),
        lambda nn: nn.Sequential(
            *(nn.Linear(4, 6), nn.LayerNorm(6), nn.GELU()),
            *(nn.Linear(6, 3), nn.LayerNorm(3), nn.GELU()),
            nn.Linear(3, 5),
        ),
        None,
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
