"""Scaled dot-product attention in blocks of queries, which stay in the cache from the first product to the last.

All arrays are (H, T, D), one sample: heads, steps, features; queries may have other steps than keys and values. Of the
weights A nothing is kept but the logarithm of what each row of them was divided by: `backward` makes them again, so
memory grows with T and not with T². (Dao, Fu, Ermon, Rudra and Ré, 2022, arXiv:2205.14135.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from chainrule.layers.base import Array
from chainrule.layers.memory import empty
from chainrule.layers.products import multiply_rows

QUERIES, CAUSAL_QUERIES = 128, 64  # in a block: a smaller one leaves out more of what must not be seen


def attend(Q: Array, K: Array, V: Array, mask: Array | None, causal: bool, out: Array) -> Array:
    """Write `softmax(Q Kᵀ / √D + mask) V` to `out`; return the logarithm of the sum of each row's exponentials."""
    log_sums = np.empty(Q.shape[:2], Q.dtype)
    for queries, seen in cut_queries(Q.shape[1], K.shape[1], causal):
        E = weigh(Q[:, queries], K[:, seen], mask, queries, seen, causal)
        highest = E.max(axis=2, keepdims=True)
        np.maximum(highest, np.finfo(E.dtype).min, out=highest)  # a row that sees nothing: exp(−∞ − min) is 0
        E -= highest
        np.exp(E, out=E)
        total = E.sum(axis=2, keepdims=True)
        total[total == 0] = 1
        multiply_rows(E, V[:, seen], out[:, queries])
        out[:, queries] /= total
        log_sums[:, queries] = (highest + np.log(total))[:, :, 0]
    return log_sums


def attend_backward(
    dH: Array,
    Q: Array,
    K: Array,
    V: Array,
    H: Array,
    log_sums: Array,
    mask: Array | None,
    causal: bool,
    out: tuple[Array, Array, Array],
) -> None:
    """Write dQ, dK and dV to `out`, given the cotangent of the output H."""
    dQ, dK, dV = out
    dK[...] = dV[...] = 0
    scale = Q.dtype.type(1 / math.sqrt(Q.shape[2]))
    for queries, seen in cut_queries(Q.shape[1], K.shape[1], causal):
        A = weigh(Q[:, queries], K[:, seen], mask, queries, seen, causal)
        A -= log_sums[:, queries, None]
        np.exp(A, out=A)
        dH_block = dH[:, queries]
        dV[:, seen] += multiply(A.swapaxes(1, 2), dH_block)
        dE = multiply(dH_block, V[:, seen].swapaxes(1, 2))  # dA
        dE -= np.einsum("hid,hid->hi", dH_block, H[:, queries])[:, :, None]  # Σ_j dA A
        dE *= A
        dE *= scale
        multiply_rows(dE, K[:, seen], dQ[:, queries])
        dK[:, seen] += multiply(dE.swapaxes(1, 2), Q[:, queries])


def weigh(Q: Array, K: Array, mask: Array | None, queries: slice, seen: slice, causal: bool) -> Array:
    """Return the logits `Q Kᵀ / √D + mask` of a block of queries; −∞ where a query must not see a key."""
    E = multiply(Q * Q.dtype.type(1 / math.sqrt(Q.shape[2])), K.swapaxes(1, 2))
    if mask is not None:
        E += mask[:, queries, seen]
    if causal:
        rows, columns = np.arange(queries.start, queries.stop), np.arange(queries.start, seen.stop)
        E[:, :, queries.start :][:, columns > rows[:, None]] = -np.inf
    return E


def multiply(A: Array, B: Array) -> Array:
    """Return A B, head by head, in memory that is reused."""
    return multiply_rows(A, B, empty((len(A), A.shape[1], B.shape[2]), np.result_type(A, B)))


def cut_queries(queries: int, keys: int, causal: bool) -> Iterator[tuple[slice, slice]]:
    """Yield blocks of queries, each with the keys that it sees: with `causal` those up to its last query."""
    size = CAUSAL_QUERIES if causal else QUERIES
    for first in range(0, queries, size):
        end = min(first + size, queries)
        yield slice(first, end), slice(0, min(end, keys) if causal else keys)
