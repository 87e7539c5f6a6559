"""Inverted dropout: in training, entries are dropped at random and the others scaled up.

Indices
    s  sample      n  feature

Forward
    Y[s,n] = X[s,n] * M[s,n] / (1 - p)

Backward
    dX[s,n] = dY[s,n] * M[s,n] / (1 - p)

Why: once the mask M is drawn (0 with probability p, else 1), it is a constant, and each output is its own input times a
number. The scale keeps the expected output equal to the input, so evaluation needs no layer at all: then Y = X.
(Srivastava et al., Journal of Machine Learning Research 15, 2014.)
"""

from __future__ import annotations

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, check_cotangent, check_floating


class Dropout(Layer):
    """`Y = X ∘ M / (1 − p)` in training, `Y = X` in evaluation; any shape.

    `p` is the probability that an entry is dropped, from 0 to 1, else a ValueError. `rng` draws the masks: the same
    generator state gives the same mask in float32 and float64.
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator | None = None) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"{type(self).__name__}: p is {p}, but must lie between 0 and 1")
        self.p = float(p)
        self.rng = np.random.default_rng() if rng is None else rng

    def __repr__(self) -> str:
        return f"{type(self).__name__}(p={self.p:g})"

    def forward(self, X: Array) -> tuple[Array, tuple[Array | None, tuple[int, ...]]]:
        """Return Y; the cache is the scaled mask M / (1 − p), None in evaluation, and the shape of X."""
        self._check_input(X)
        if not self.training or self.p == 0:
            return X, (None, X.shape)
        kept = self.rng.random(self._mask_shape(X), dtype=np.float32) >= self.p
        mask = np.multiply(kept, 1 / (1 - self.p) if self.p < 1 else 0, dtype=X.dtype)
        return X * mask, (mask, X.shape)

    def backward(self, dY: Array, cache: tuple[Array | None, tuple[int, ...]]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        mask, shape = cache
        check_cotangent(self, dY, shape)
        return dY if mask is None else dY * mask, {}

    def _check_input(self, X: Array) -> None:
        check_floating(self, X)

    def _mask_shape(self, X: Array) -> tuple[int, ...]:
        return X.shape
