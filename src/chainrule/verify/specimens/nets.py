"""Specimens of networks."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from chainrule import layers, nets
from chainrule.verify.specimens.specimen import LayerSpecimen, Make, residual


def _row_rnn() -> Any:
    from chainrule.pytorch import RowRNN

    return RowRNN((2, 3, 4), 5, 6)


def _ours(kind: str, *arguments: Any, **settings: Any) -> Any:
    """PyTorch's side, of `chainrule.pytorch`."""
    return getattr(import_module("chainrule.pytorch"), kind)(*arguments, **settings)


def _mlp(norm: str | None, activation: str) -> Make:
    return lambda rng, dtype: nets.MLP(4, [6, 3], 5, activation=activation, norm=norm, rng=rng, dtype=dtype)


def _transformer() -> Any:
    from chainrule.pytorch import Transformer

    return Transformer(5, 6, heads=3, blocks=1, hidden=7)


GRID: tuple[int, list[int], int] = (40, [16], 3)
ON_IMAGES: dict[str, Any] = {"grid": 2, "window": 3, "image": (2, 4, 5)}

LAYERS = {
    "sequence": LayerSpecimen(
        make=lambda rng, dtype: nets.Sequential(
            layers.Residual(nets.Sequential(layers.LayerNorm(4, dtype=dtype), layers.SiLU())),
            layers.Linear(4, 6, rng=rng, dtype=dtype),
        ),
        torch=lambda nn: nn.Sequential(residual(nn, nn.Sequential(nn.LayerNorm(4), nn.SiLU())), nn.Linear(4, 6)),
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
    "mlp on principal components": LayerSpecimen(
        make=lambda rng, dtype: nets.MLP(5, [6, 3], 4, components=2, rng=rng, dtype=dtype),
        torch=lambda nn: _ours("MLP", 5, [6, 3], 4, components=2),
        shape=(7, 5),
        stated=False,
    ),
    "mlp on a grid": LayerSpecimen(
        make=lambda rng, dtype: nets.MLP(*GRID, blocks=1, norm="layer", **ON_IMAGES, rng=rng, dtype=dtype),
        torch=lambda nn: _ours("MLP", *GRID, blocks=1, norm="layer", **ON_IMAGES),
        shape=(6, 40),
        stated=False,
    ),
    "transformer": LayerSpecimen(
        make=lambda rng, dtype: nets.Transformer(5, 6, heads=3, blocks=1, hidden=7, rng=rng, dtype=dtype),
        torch=lambda nn: _transformer(),
        shape=(3, 4),
        classes=5,
        spread=0.5,
        stated=False,
    ),
}
