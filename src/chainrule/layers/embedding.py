"""Embedding: each token, a number, is replaced by its row of a table.

Indices
    s  sample      t  step      v  token      m  feature

Forward
    Y[s,t,m] = W[X[s,t],m]

Backward
    dW[v,m] = sum[s,t](where(X[s,t] == v, dY[s,t,m], 0))

Why: a row of the table is read wherever its token stands, so the cotangents of all those places add up in it; rows that
no token reads get 0. Tokens are whole numbers, which cannot be moved a little, so X has no gradient.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent
from chainrule.layers.memory import empty
from chainrule.threads import cut, run_parts

ROWS = 1 << 12  # that are copied, or added up, at once: fewer are done sooner than threads have begun
RARE = 16  # places of a token, up to which they are added place by place, those of many tokens at once


class EmbeddingCache(NamedTuple):
    """What the backward needs."""

    X: Array


class Embedding(Layer):
    """`Y = W[X]`.

    Parameter: weight W (num_embeddings, embedding_dim), which starts as N(0, 1), PyTorch's default. Input: integers
    from 0 to num_embeddings − 1 of any shape; output of that shape with one axis more, the features. The row
    `padding_idx` is 0 at first and gets no gradient. `backward` returns None as dX: tokens have no gradient.
    """

    parameter_names = ("weight",)

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: np.random.Generator | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.num_embeddings = as_size("Embedding", "num_embeddings", num_embeddings, 1)
        self.embedding_dim = as_size("Embedding", "embedding_dim", embedding_dim, 1)
        if padding_idx is not None and not -num_embeddings <= padding_idx < num_embeddings:
            raise ValueError(f"Embedding: padding_idx is {padding_idx}, but there are {num_embeddings} rows")
        self.padding_idx = None if padding_idx is None else padding_idx % num_embeddings
        rng = np.random.default_rng() if rng is None else rng
        self.weight: Array = rng.normal(size=(num_embeddings, embedding_dim)).astype(dtype)
        if self.padding_idx is not None:
            self.weight[self.padding_idx] = 0

    def __repr__(self) -> str:
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return f"Embedding({self.num_embeddings}, {self.embedding_dim}{padding})"

    def forward(self, X: Array) -> tuple[Array, EmbeddingCache]:
        """Return Y; the cache is an EmbeddingCache."""
        self._check_input(X)
        tokens, Y = X.ravel(), empty((X.size, self.embedding_dim), self.weight.dtype)

        def copy(part: slice) -> None:
            self.weight.take(tokens[part], axis=0, out=Y[part], mode="clip")  # all are within; "raise" would buffer

        run_parts(copy, cut(len(tokens), ROWS))
        return Y.reshape(*X.shape, self.embedding_dim), EmbeddingCache(X)

    def backward(self, dY: Array, cache: EmbeddingCache) -> tuple[Any, Arrays]:
        """Return None, as tokens have no gradient, and the gradient of weight."""
        X = cache.X
        check_cotangent(self, dY, (*X.shape, self.embedding_dim))
        dW = add_rows(X.ravel(), dY.reshape(-1, self.embedding_dim), self.num_embeddings)
        if self.padding_idx is not None:
            dW[self.padding_idx] = 0
        return None, {"weight": dW}

    def _check_input(self, X: Array) -> None:
        if not isinstance(X, np.ndarray):
            raise TypeError(f"{self!r}: X has type {type(X).__name__}, but must be an array of integers")
        if X.dtype.kind not in "iu":
            raise TypeError(f"{self!r}: X has dtype {X.dtype}, but tokens must be integers")
        if X.size and not (X.min() >= 0 and X.max() < self.num_embeddings):
            raise ValueError(
                f"{self!r}: X runs from {X.min()} to {X.max()}, but tokens must lie in 0 … {self.num_embeddings - 1}"
            )


def add_rows(tokens: Array, rows: Array, size: int) -> Array:
    """Return a table of so many rows, each the sum of the `rows` of its token."""
    table = empty((size, rows.shape[1]), rows.dtype)
    run_parts(lambda part: table[part].fill(0), cut(size, ROWS))
    order = np.argsort(tokens.astype(np.min_scalar_type(size - 1)), kind="stable")  # short numbers are soon sorted
    tokens = tokens[order]
    firsts = np.flatnonzero(np.append(True, tokens[1:] != tokens[:-1])[: len(tokens)])  # of each token's places
    counts = np.diff(np.append(firsts, len(tokens)))
    often_first = np.argsort(-counts, kind="stable")
    firsts, counts = firsts[often_first], counts[often_first]

    def add(part: slice) -> None:
        first, count = firsts[part], counts[part]
        sums = empty((len(first), rows.shape[1]), rows.dtype)
        many = int(np.count_nonzero(count > RARE))
        for n in range(many):
            rows.take(order[first[n] : first[n] + count[n]], axis=0).sum(axis=0, out=sums[n])
        rows.take(order[first[many:]], axis=0, out=sums[many:], mode="clip")
        for k in range(1, RARE):  # the second place of all other tokens that have one, the third, …
            last = many + int(np.count_nonzero(count[many:] > k))
            sums[many:last] += rows.take(order[first[many:last] + k], axis=0)
        table[tokens[first]] = sums

    run_parts(add, cut(len(firsts), ROWS))
    return table
