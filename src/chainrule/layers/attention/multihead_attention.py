"""Multi-head attention: each place takes a mean of the values at all places, weighed by how its query meets their keys.

Indices
    s  sample      h  head      d e  feature of the head      m n  feature
    i  place that reads         j  place that is read

Forward
    Q[s,h,i,d] = sum[m](X[s,i,m] * Wq[h,d,m]) + bq[h,d]
    K[s,h,j,d] = sum[m](X[s,j,m] * Wk[h,d,m]) + bk[h,d]
    V[s,h,j,d] = sum[m](X[s,j,m] * Wv[h,d,m]) + bv[h,d]
    E[s,h,i,j] = sum[d](Q[s,h,i,d] * K[s,h,j,d]) / sqrt(size[d]) + M[i,j]
    A[s,h,i,j] = softmax[j](E[s,h,i,j])
    H[s,h,i,d] = sum[j](A[s,h,i,j] * V[s,h,j,d])
    Y[s,i,n]   = sum[h,d](H[s,h,i,d] * U[n,h,d]) + c[n]

Backward
    dH[s,h,i,d] = sum[n](dY[s,i,n] * U[n,h,d])
    dV[s,h,j,d] = sum[i](A[s,h,i,j] * dH[s,h,i,d])
    dA[s,h,i,j] = sum[d](dH[s,h,i,d] * V[s,h,j,d])
    dE[s,h,i,j] = A[s,h,i,j] * (dA[s,h,i,j] - sum[d](dH[s,h,i,d] * H[s,h,i,d]))
    dQ[s,h,i,d] = sum[j](dE[s,h,i,j] * K[s,h,j,d]) / sqrt(size[d])
    dK[s,h,j,d] = sum[i](dE[s,h,i,j] * Q[s,h,i,d]) / sqrt(size[d])
    dX[s,i,m]   = sum[h,d](dQ[s,h,i,d] * Wq[h,d,m] + dK[s,h,i,d] * Wk[h,d,m] + dV[s,h,i,d] * Wv[h,d,m])
    dWq[h,d,m]  = sum[s,i](dQ[s,h,i,d] * X[s,i,m])
    dWk[h,d,m]  = sum[s,i](dK[s,h,i,d] * X[s,i,m])
    dWv[h,d,m]  = sum[s,i](dV[s,h,i,d] * X[s,i,m])
    dbq[h,d]    = sum[s,i](dQ[s,h,i,d])
    dbk[h,d]    = sum[s,i](dK[s,h,i,d])
    dbv[h,d]    = sum[s,i](dV[s,h,i,d])
    dU[n,h,d]   = sum[s,i](dY[s,i,n] * H[s,h,i,d])
    dc[n]       = sum[s,i](dY[s,i,n])

Why: M is 0 where place i may read place j and −∞ elsewhere; causal attention has 0 for j ≤ i. The weights A are a
softmax of each row, so dE is that of a softmax, and the mean of dA that it takes away, Σ_j dA A, is Σ_d dH H: no array
of weights is needed for it. Every input is query, key and value, so three gradients add up in dX. The bias of the keys
adds the same to all logits of a row, which a softmax does not see: dbk comes out as 0. (Vaswani and others,
2017, arXiv:1706.03762; Dao and others, 2022, arXiv:2205.14135.)
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.attention.rotary_embedding import RotaryEmbedding
from chainrule.layers.attention.scaled_dot_product import attend, attend_backward
from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating, uniform
from chainrule.layers.linear import Linear
from chainrule.layers.memory import empty
from chainrule.layers.products import cut_rows, multiply
from chainrule.threads import run_parts, single_threaded_blas


class AttentionCache(NamedTuple):
    """What the backward of attention needs. Q, K, V and H are (S, H, T, D)."""

    inputs: tuple[Array, ...]  # query; key and value, if they were given
    heads: tuple[Array, Array, Array]  # Q, K and V
    H: Array
    log_sums: list[Array]
    masks: list[Array | None]
    rows: Array  # H as the output's projection meets it, (S, T, E)


class MultiheadAttention(Layer):
    """`Y = concat(softmax(Q Kᵀ / √D) V) Uᵀ + c`, with num_heads heads of D = embed_dim / num_heads features.

    Parameters, by PyTorch's names: in_proj_weight (3 E, E), which holds Wq, Wk and Wv, in_proj_bias (3 E), and those of
    `out_proj`, a `Linear`; no biases with `bias=False`. They start as PyTorch's do. Input (S, T, E), output of the same
    shape: it is PyTorch's layer with `batch_first=True` and `need_weights=False`, without dropout.

    With `causal=True` a place reads those up to itself alone. `rotary` turns queries and keys by their positions.
    `forward` takes a key and a value apart (S, T', E), and PyTorch's masks.
    """

    parameter_names = ("in_proj_weight", "in_proj_bias")

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        bias: bool = True,
        *,
        causal: bool = False,
        rotary: RotaryEmbedding | None = None,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        E = self.embed_dim = as_size("MultiheadAttention", "embed_dim", embed_dim, 1)
        self.num_heads = as_size("MultiheadAttention", "num_heads", num_heads, 1)
        if embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: embed_dim is {E}, but must be a multiple of {num_heads} heads")
        self.head_dim, self.causal, self.rotary = E // num_heads, causal, rotary
        if rotary is not None and rotary.dim != self.head_dim:
            raise ValueError(
                f"MultiheadAttention: rotary has dim {rotary.dim}, but heads have {self.head_dim} features"
            )
        self.in_proj_weight: Array = uniform(rng, math.sqrt(6 / (4 * E)), (3 * E, E), dtype)
        self.in_proj_bias: Array | None = np.zeros(3 * E, dtype) if bias else None
        self.out_proj = Linear(E, E, bias, rng=rng, dtype=dtype)
        if self.out_proj.bias is not None:
            self.out_proj.bias[...] = 0

    def __repr__(self) -> str:
        bias = "" if self.in_proj_bias is not None else ", bias=False"
        return f"MultiheadAttention({self.embed_dim}, {self.num_heads}{bias}{', causal=True' if self.causal else ''})"

    @property
    def children(self) -> dict[str, Layer]:
        """The projection of all heads' outputs."""
        return {"out_proj": self.out_proj}

    @single_threaded_blas()
    def forward(
        self,
        X: Array,
        key: Array | None = None,
        value: Array | None = None,
        *,
        attn_mask: Array | None = None,
        key_padding_mask: Array | None = None,
    ) -> tuple[Array, AttentionCache]:
        """Return Y; the cache is an AttentionCache.

        Without a key, X is read by itself; without a value, the key is. `attn_mask` (T, T'), (S, T, T') or
        (S num_heads, T, T') is True where a query must not read a key, or is added to the logits; `key_padding_mask`
        (S, T') is True where nobody may. A query that may read nothing gets 0.
        """
        inputs = tuple(array for array in (X, key, value) if array is not None)
        self._check_inputs(inputs, key is None and value is not None)
        Q, K, V = self._project(inputs)
        masks = self._combine_masks(attn_mask, key_padding_mask, (len(X), Q.shape[2], K.shape[2]))
        rows, Y = (empty((len(X), Q.shape[2], self.embed_dim), Q.dtype) for _ in range(2))
        H, log_sums = self._to_heads(rows), [Q] * len(X)

        def compute(s: int) -> None:
            log_sums[s] = attend(Q[s], K[s], V[s], masks[s], self.causal, H[s])

        run_parts(compute, range(len(X)))
        multiply(flatten(rows), self.out_proj.weight.T, flatten(Y), self.out_proj.bias)
        return Y, AttentionCache(inputs, (Q, K, V), H, log_sums, masks, rows)

    @single_threaded_blas()
    def backward(self, dY: Array, cache: AttentionCache) -> tuple[Any, Arrays]:
        """Return the gradients of the inputs and of the parameters: dX or, as a tuple, one for each array given."""
        inputs, (Q, K, V), H, log_sums, masks, rows = cache
        check_cotangent(self, dY, inputs[0].shape)
        drows, out_grads = self._return_output(dY, rows)
        dH = self._to_heads(drows)
        projected, (dQ, dK, dV) = self._allocate([array.shape[:2] for array in inputs], drows.dtype)

        def compute(s: int) -> None:
            out = (dQ[s], dK[s], dV[s])
            attend_backward(dH[s], Q[s], K[s], V[s], H[s], log_sums[s], masks[s], self.causal, out)

        run_parts(compute, range(len(dY)))
        if self.rotary is not None:
            dQ[...], dK[...] = (self.rotary.turn(array, back=True) for array in (dQ, dK))
        dinputs, grads = self._project_backward(projected, inputs)
        dX = dinputs[0] if len(dinputs) == 1 else dinputs
        return dX, {**grads, **{f"out_proj.{name}": grad for name, grad in out_grads.items()}}

    def _return_output(self, dY: Array, rows: Array) -> tuple[Array, Arrays]:
        """Return the gradient of what the output is projected from, and those of the projection's parameters."""
        drows, parts = empty(rows.shape, rows.dtype), cut_rows(rows.shape[0] * rows.shape[1]) or [slice(0, 0)]
        grads: list[Arrays] = [{} for _ in parts]

        def compute(n: int) -> None:
            part = parts[n]
            flatten(drows)[part], grads[n] = self.out_proj.backward(flatten(dY)[part], flatten(rows)[part])

        run_parts(compute, range(len(parts)))
        return drows, {name: np.sum([part[name] for part in grads], axis=0) for name in grads[0]}

    def _shares(self, count: int) -> list[slice]:
        """The rows of in_proj_weight that each of `count` inputs meets: all; Wq, and Wk with Wv; or each alone."""
        E = self.embed_dim
        ends = {1: (0, 3 * E), 2: (0, E, 3 * E), 3: (0, E, 2 * E, 3 * E)}[count]
        return [slice(first, end) for first, end in pairwise(ends)]

    def _project(self, inputs: tuple[Array, ...]) -> tuple[Array, Array, Array]:
        """Return Q, K and V, (S, H, T, D)."""
        projected = []
        for X, share in zip(inputs, self._shares(len(inputs)), strict=True):
            P = empty((*X.shape[:2], share.stop - share.start), np.result_type(X, self.in_proj_weight))
            bias = None if self.in_proj_bias is None else self.in_proj_bias[share]
            multiply(flatten(X), self.in_proj_weight[share].T, flatten(P), bias)
            projected += np.split(P, P.shape[2] // self.embed_dim, axis=2)
        Q, K, V = map(self._to_heads, projected)
        return (Q, K, V) if self.rotary is None else (self.rotary.turn(Q), self.rotary.turn(K), V)

    def _allocate(self, shapes: list[tuple[int, ...]], dtype: Any) -> tuple[list[Array], tuple[Array, Array, Array]]:
        """Return arrays for the cotangents of what `_project` computes of each input, and their parts dQ, dK, dV."""
        shares = self._shares(len(shapes))
        projected = [empty((*shape, w.stop - w.start), dtype) for shape, w in zip(shapes, shares, strict=True)]
        parts = [part for P in projected for part in np.split(P, P.shape[2] // self.embed_dim, axis=2)]
        dQ, dK, dV = map(self._to_heads, parts)
        return projected, (dQ, dK, dV)

    def _project_backward(self, projected: list[Array], inputs: tuple[Array, ...]) -> tuple[tuple[Array, ...], Arrays]:
        """Return the gradients of the inputs, and of in_proj_weight and in_proj_bias."""
        dW, dinputs = np.empty_like(self.in_proj_weight), []
        db = None if self.in_proj_bias is None else np.empty_like(self.in_proj_bias)
        for dP, X, share in zip(projected, inputs, self._shares(len(inputs)), strict=True):
            rows, dX = flatten(dP), empty(X.shape, dP.dtype)
            multiply(rows, self.in_proj_weight[share], flatten(dX))
            dinputs.append(dX)
            multiply(rows.T, flatten(X), dW[share])
            if db is not None:
                multiply(rows.T, np.ones(len(rows), rows.dtype), db[share])
        return tuple(dinputs), {"in_proj_weight": dW} | ({} if db is None else {"in_proj_bias": db})

    def _to_heads(self, rows: Array) -> Array:
        """The view (S, H, T, D) of (S, T, E)."""
        return rows.reshape(*rows.shape[:2], self.num_heads, self.head_dim).swapaxes(1, 2)

    def _combine_masks(
        self, attn_mask: Array | None, key_padding_mask: Array | None, sizes: tuple[int, int, int]
    ) -> list[Array | None]:
        """Return for each sample what is added to its logits, (1 or H, T, T'), or None."""
        S, T, keys = sizes
        total: Array | None = None
        if attn_mask is not None:
            allowed = ((T, keys), (S, T, keys), (S * self.num_heads, T, keys))
            mask = self._as_addend("attn_mask", attn_mask, allowed)
            total = np.broadcast_to(mask, (S, T, keys))[:, None] if mask.ndim == 2 else mask.reshape(S, -1, T, keys)
        if key_padding_mask is not None:
            padding = self._as_addend("key_padding_mask", key_padding_mask, ((S, keys),))[:, None, None]
            total = np.broadcast_to(padding, (S, 1, T, keys)) if total is None else total + padding
        return [None] * S if total is None else list(total)

    def _as_addend(self, name: str, mask: Array, shapes: tuple[tuple[int, ...], ...]) -> Array:
        """Return a mask as numbers that are added: −∞ where a mask of booleans is True."""
        if np.shape(mask) not in shapes:
            words = " or ".join(map(str, dict.fromkeys(shapes)))
            raise ValueError(f"{self!r}: {name} has shape {np.shape(mask)}, but must have shape {words}")
        dtype = self.in_proj_weight.real.dtype
        return np.where(mask, -np.inf, 0).astype(dtype) if np.asarray(mask).dtype == bool else np.asarray(mask, dtype)

    def _check_inputs(self, inputs: tuple[Array, ...], value_alone: bool) -> None:
        if value_alone:
            raise ValueError(f"{self!r}: a value was given without its key")
        for name, array in zip(("X", "key", "value"), inputs, strict=False):
            check_floating(self, array)
            if array.ndim != 3 or array.shape[2] != self.embed_dim or len(array) != len(inputs[0]):
                raise ValueError(
                    f"{self!r}: {name} has shape {array.shape}, but must have shape (S, T, {self.embed_dim}), "
                    "all with one S"
                )
        if len({array.shape[1] for array in inputs[1:]}) > 1:
            raise ValueError(f"{self!r}: key has shape {inputs[1].shape}, but value {inputs[2].shape}: one T for both")
        if inputs[-1].shape[1] == 0:
            raise ValueError(f"{self!r}: X has shape {inputs[-1].shape}, but there must be something to read")


def flatten(X: Array) -> Array:
    """The places of all samples one below another: (S, T, E) as (S T, E)."""
    return X.reshape(X.shape[0] * X.shape[1], X.shape[2])
