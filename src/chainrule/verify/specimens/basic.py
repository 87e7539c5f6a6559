"""Specimens of what is no activation, norm, window or sequence."""

from __future__ import annotations

from chainrule import layers
from chainrule.verify.specimens.specimen import LayerSpecimen, alike, residual

LAYERS = {
    "linear": LayerSpecimen(
        **alike("Linear", 5, 3), symbols=lambda layer, X, cache: {"W": layer.weight, "b": layer.bias}
    ),
    "linear without bias": LayerSpecimen(**alike("Linear", 5, 3, bias=False), stated=False),
    "linear, more axes": LayerSpecimen(**alike("Linear", 5, 3), shape=(2, 4, 5), stated=False),
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
