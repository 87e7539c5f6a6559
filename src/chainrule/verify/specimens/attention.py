"""Specimens of embeddings and attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import layers
from chainrule.verify.specimens.specimen import Array, LayerSpecimen, alike, ours


def _attention_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    """The three projections, head by head, and M, which is −∞ where a place must not be read."""
    H, D, E, T = layer.num_heads, layer.head_dim, layer.embed_dim, X.shape[1]
    Wq, Wk, Wv = layer.in_proj_weight.reshape(3, H, D, E)
    bq, bk, bv = layer.in_proj_bias.reshape(3, H, D)
    weights = {"Wq": Wq, "Wk": Wk, "Wv": Wv, "bq": bq, "bk": bk, "bv": bv}
    out = {"U": layer.out_proj.weight.reshape(E, H, D), "c": layer.out_proj.bias}
    return {**weights, **out, "M": np.where(np.tri(T) if layer.causal else np.ones((T, T)), 0, -np.inf)}


def _attention(causal: bool = False, bias: bool = True) -> Callable[[Any], Any]:
    """PyTorch's side, its output alone."""

    def make(nn: Any) -> Any:
        class Attention(nn.MultiheadAttention):
            def forward(self, X: Any) -> Any:
                mask = nn.Transformer.generate_square_subsequent_mask(X.shape[1], dtype=X.dtype) if causal else None
                return super().forward(X, X, X, attn_mask=mask, need_weights=False)[0]

        return Attention(6, 3, bias=bias, batch_first=True)

    return make


def _rotary(interleaved: bool) -> Any:
    from chainrule.pytorch import RotaryEmbedding

    return RotaryEmbedding(6, interleaved=interleaved)


def _rotary_attention() -> Any:
    from chainrule.pytorch import RotaryAttention

    return RotaryAttention(6, 3)


def _rotary_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    """Cosines, signed sines and partners of the features."""
    T, D = X.shape[1:]
    n = np.arange(D)
    pair, second = (n // 2, n % 2) if layer.interleaved else (n % (D // 2), n // (D // 2))
    angles = np.arange(T)[:, None] * layer.base ** (-2 * pair / D)
    partner = n ^ 1 if layer.interleaved else (n + D // 2) % D
    return {"C": np.cos(angles), "S": np.sin(angles) * (2 * second - 1), "partner": partner}


LAYERS = {
    "embedding": LayerSpecimen(
        **alike("Embedding", 7, 4), shape=(3, 5), classes=7, symbols=lambda layer, X, cache: {"W": layer.weight}
    ),
    "embedding with padding": LayerSpecimen(
        **alike("Embedding", 7, 4, padding_idx=6), shape=(3, 2, 5), classes=6, stated=False
    ),
    "rotary embedding": LayerSpecimen(
        make=ours("RotaryEmbedding", 6), torch=lambda nn: _rotary(True), shape=(2, 5, 6), symbols=_rotary_symbols
    ),
    "rotary embedding of halves": LayerSpecimen(
        make=ours("RotaryEmbedding", 6, interleaved=False),
        torch=lambda nn: _rotary(False),
        shape=(2, 5, 6),
        symbols=_rotary_symbols,
    ),
    "attention": LayerSpecimen(
        make=ours("MultiheadAttention", 6, 3),
        torch=_attention(),
        shape=(4, 5, 6),
        spread=0.5,
        symbols=_attention_symbols,
    ),
    "attention, causal": LayerSpecimen(
        make=ours("MultiheadAttention", 6, 3, causal=True),
        torch=_attention(causal=True),
        shape=(4, 5, 6),
        spread=0.5,
        symbols=_attention_symbols,
    ),
    "attention without bias": LayerSpecimen(
        make=ours("MultiheadAttention", 6, 3, bias=False),
        torch=_attention(bias=False),
        shape=(4, 5, 6),
        spread=0.5,
        stated=False,
    ),
    "attention with rotary positions": LayerSpecimen(
        make=ours("MultiheadAttention", 6, 3, causal=True, rotary=layers.RotaryEmbedding(2)),
        torch=lambda nn: _rotary_attention(),
        shape=(4, 5, 6),
        spread=0.5,
        stated=False,
    ),
}
