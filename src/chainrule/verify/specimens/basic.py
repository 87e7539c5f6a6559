"""Specimens of what is no activation, norm, window or sequence."""

from __future__ import annotations

from typing import Any

from chainrule import layers
from chainrule.verify.specimens.specimen import LayerSpecimen, alike, ours, residual


def _block_linear(*arguments: Any, **settings: Any) -> dict[str, Any]:
    """Return what makes the layer, and its counterpart, and how the equations see both: by place and group."""

    def counterpart(nn: Any) -> Any:
        from chainrule.pytorch import BlockLinear

        return BlockLinear(*arguments, **settings)

    def by_group(layer: Any, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape[0], layer.places, layer.groups, shape[1] // layer.places // layer.groups

    def symbols(layer: Any, X: Any, cache: Any) -> dict[str, Any]:
        P, G = layer.places, layer.groups
        weight = layer.weight.reshape(G, P, layer.weight.shape[1] // P, P, -1)
        return {"W": weight} | ({} if layer.bias is None else {"b": layer.bias.reshape(P, G, -1)})

    return {
        "make": ours("BlockLinear", *arguments, **settings),
        "torch": counterpart,
        "symbols": symbols,
        "input_as": by_group,
        "output_as": by_group,
    }


def _gather(in_features: int, index: list[int]) -> dict[str, Any]:
    def counterpart(nn: Any) -> Any:
        from chainrule.pytorch import Gather

        return Gather(in_features, index)

    return {"make": ours("Gather", in_features, index), "torch": counterpart}


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
    "linear, block diagonal": LayerSpecimen(**_block_linear(12, 6, 3), shape=(5, 12)),
    "linear, blocks across places": LayerSpecimen(**_block_linear(24, 12, 2, 3), shape=(5, 24)),
    "linear, blocks without bias": LayerSpecimen(
        **{**_block_linear(8, 12, 2, 2, bias=False), "stated": False}, shape=(3, 7, 8)
    ),
    "gather": LayerSpecimen(**_gather(5, [3, 0, 3, 4, 1, 3, 0]), shape=(6, 5)),
    "gather, a permutation": LayerSpecimen(**_gather(4, [2, 0, 3, 1]), shape=(3, 4)),
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
