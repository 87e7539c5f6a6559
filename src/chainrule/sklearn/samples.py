"""The samples that an estimator learns from: rows of X, dense or sparse, their targets and weights, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.model_selection import train_test_split

Array = NDArray[Any]
CHUNK = 1000  # rows that are evaluated at a time


@dataclass
class Samples:
    """X (S, M), targets (S) or (S, N), and weights (S), or None where all are 1."""

    X: Any
    T: Array
    w: Array | None

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def with_weights(self, w: Array) -> Samples:
        """Return the samples whose weight is not 0: one that counts nothing is as if it were not there."""
        kept = w > 0
        return self.take(np.flatnonzero(kept), w) if not kept.all() else Samples(self.X, self.T, w)

    def take(self, rows: Array, w: Array | None = None) -> Samples:
        """Return some of the samples."""
        weights = self.w if w is None else w
        return Samples(self.X[rows], self.T[rows], None if weights is None else weights[rows])

    def split(self, share: float, seed: int, stratify: bool) -> tuple[Samples, Samples]:
        """Return the part to learn from and the part to judge by."""
        classes = self.T.ravel() if stratify else None
        learned, judged = train_test_split(
            np.arange(len(self)), test_size=share, random_state=seed, stratify=classes, shuffle=True
        )
        if len(judged) < 2:
            raise ValueError(
                f"the validation set has {len(judged)} sample: increase validation_fraction or give more samples"
            )
        return self.take(learned), self.take(judged)

    def batches(
        self, size: int, order: Array | None, dtype: Any, least: int = 1
    ) -> Iterator[tuple[Array, Array, Array | None]]:
        """Yield X, T and weights of each batch, in `order`, or as they stand; X lies in memory that the next reuses.

        A last batch of fewer than `least` samples is part of the one before.
        """
        ends = [*range(size, len(self) - least + 1, size), len(self)]
        buffer = np.empty((min(size + least - 1, len(self)), self.X.shape[1]), dtype)
        for start, end in pairwise([0, *ends]):
            rows = slice(start, end) if order is None else order[start:end]
            yield self._rows(rows, buffer), self.T[rows], None if self.w is None else self.w[rows]

    def _rows(self, rows: Any, buffer: Array) -> Array:
        if issparse(self.X):
            return np.asarray(self.X[rows].toarray(), buffer.dtype)
        if isinstance(rows, slice):
            return np.asarray(self.X[rows], buffer.dtype)
        if self.X.dtype == buffer.dtype:
            return np.take(self.X, rows, axis=0, out=buffer[: len(rows)], mode="clip")
        np.copyto(buffer[: len(rows)], self.X[rows])
        return buffer[: len(rows)]


def chunks(X: Any, dtype: Any) -> Iterator[Array]:
    """Yield the rows of X, in order, as dense arrays."""
    for start in range(0, X.shape[0], CHUNK):
        rows = X[start : start + CHUNK]
        yield np.asarray(rows.toarray() if issparse(rows) else rows, dtype)
