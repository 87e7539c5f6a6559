"""Specimens of embeddings and attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule import layers
from chainrule.verify.specimens.specimen import Array, LayerSpecimen, alike, ours


def _attention_symbols(layer: Any, X: Array, cache: Any) -> dict[str, Any]:
    """The three projections, head by head, and M, which is 0 where a place must not be read."""
    H, D, E, T = layer.num_heads, layer.head_dim, layer.embed_dim, X.shape[1]
    Wq, Wk, Wv = layer.in_proj_weight.reshape(3, H, D, E)
    bq, bk, bv = layer.in_proj_bias.reshape(3, H, D)
    weights = {"Wq": Wq, "Wk": Wk, "Wv": Wv, "bq": bq, "bk": bk, "bv": bv}
    out = {"U": layer.out_proj.weight.reshape(E, H, D), "c": layer.out_proj.bias}
    return {**weights, **out, "M": np.tri(T) if layer.causal else np.ones((T, T))}


def _attention(causal: bool = False, bias: bool = True, turned: bool = False) -> Callable[[Any], Any]:
    """PyTorch's side, its output alone; where it turns queries and keys, computed from the layer's parameters."""

    def make(nn: Any) -> Any:
        class Attention(nn.MultiheadAttention):
            def forward(self, X: Any) -> Any:
                T = X.shape[1]
                mask = nn.Transformer.generate_square_subsequent_mask(T, dtype=X.dtype) if causal else None
                if not turned:
                    return super().forward(X, X, X, attn_mask=mask, need_weights=False)[0]
                P = nn.functional.linear(X, self.in_proj_weight, self.in_proj_bias)
                Q, K, V = (part.unflatten(2, (self.num_heads, -1)).transpose(1, 2) for part in P.chunk(3, dim=2))
                H = nn.functional.scaled_dot_product_attention(turn(Q), turn(K), V, attn_mask=mask)
                return self.out_proj(H.transpose(1, 2).flatten(2))

        return Attention(6, 3, bias=bias, batch_first=True)

    return make


def turn(X: Any, interleaved: bool = True) -> Any:
    """Rotary position embedding of a tensor (…, T, D), by complex numbers of modulus 1."""
    import torch

    T, D = X.shape[-2:]
    angles = torch.outer(torch.arange(T), 10_000.0 ** (-torch.arange(0, D, 2).double() / D))
    turns = torch.polar(torch.ones_like(angles), angles)
    pairs = X.unflatten(-1, (-1, 2)) if interleaved else X.unflatten(-1, (2, -1)).transpose(-1, -2)
    turned = torch.view_as_real(torch.view_as_complex(pairs.contiguous()) * turns)
    return (turned if interleaved else turned.transpose(-1, -2)).flatten(-2)


def _rotary(interleaved: bool) -> Callable[[Any], Any]:
    def make(nn: Any) -> Any:
        class Rotary(nn.Module):
            def forward(self, X: Any) -> Any:
                return turn(X, interleaved)

        return Rotary()

    return make


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
        make=ours("RotaryEmbedding", 6), torch=_rotary(True), shape=(2, 5, 6), symbols=_rotary_symbols
    ),
    "rotary embedding of halves": LayerSpecimen(
        make=ours("RotaryEmbedding", 6, interleaved=False),
        torch=_rotary(False),
        shape=(2, 5, 6),
        symbols=_rotary_symbols,
    ),
    "attention": LayerSpecimen(
        make=ours("MultiheadAttention", 6, 3), torch=_attention(), shape=(4, 5, 6), symbols=_attention_symbols
    ),
    "attention, causal": LayerSpecimen(
        make=ours("MultiheadAttention", 6, 3, causal=True),
        torch=_attention(causal=True),
        shape=(4, 5, 6),
        symbols=_attention_symbols,
    ),
    "attention without bias": LayerSpecimen(
        make=ours("MultiheadAttention", 6, 3, bias=False), torch=_attention(bias=False), shape=(4, 5, 6), stated=False
    ),
    "attention with rotary positions": LayerSpecimen(
        make=ours("MultiheadAttention", 6, 3, causal=True, rotary=layers.RotaryEmbedding(2)),
        torch=_attention(causal=True, turned=True),
        shape=(4, 5, 6),
        stated=False,
    ),
}
