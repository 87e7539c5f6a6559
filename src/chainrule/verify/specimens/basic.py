"""Specimens of what is no activation, norm, window or sequence."""

from __future__ import annotations

from typing import Any

from chainrule import layers
from chainrule.verify.specimens.specimen import LayerSpecimen, alike, ours, residual


def _scale(nn: Any, factor: float) -> Any:
    class Scale(nn.Module):
        def forward(self, X: Any) -> Any:
            return factor * X

    return Scale()


LAYERS = {
    "linear": LayerSpecimen(
        **alike("Linear", 5, 3), symbols=lambda layer, X, cache: {"W": layer.weight, "b": layer.bias}
    ),
    "linear without bias": LayerSpecimen(**alike("Linear", 5, 3, bias=False), stated=False),
    "linear, more axes": LayerSpecimen(**alike("Linear", 5, 3), shape=(2, 4, 5), stated=False),
    "linear, all frozen": LayerSpecimen(
        make=lambda rng, dtype: layers.Linear(5, 3, rng=rng, dtype=dtype).freeze("weight", "bias"),
        torch=lambda nn: nn.Linear(5, 3).requires_grad_(False),
        symbols=lambda layer, X, cache: {"W": layer.weight, "b": layer.bias},
    ),
    "scale": LayerSpecimen(make=ours("Scale", -0.7), torch=lambda nn: _scale(nn, -0.7)),
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
        torch=lambda nn: residual(nn, nn.Linear(5, 5)),
        symbols=lambda layer, X, cache: {"B": layer.body.forward(X)[0]},
        through=lambda layer, gradients, cache: layer.body.backward(gradients["dB"], cache[1])[0],
    ),
}
