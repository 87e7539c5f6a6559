"""Rotary position embedding: pairs of features are turned by an angle that grows with the position.

Indices
    s  sample      t  step      n  feature

Forward
    Y[s,t,n] = C[t,n] * X[s,t,n] + S[t,n] * X[s,t,partner[n]]

Backward
    dX[s,t,n] = C[t,n] * dY[s,t,n] - S[t,n] * dY[s,t,partner[n]]

Why: a pair (x, y) becomes (x cos θ − y sin θ, y cos θ + x sin θ), so C is cos θ and S is −sin θ for the first of a pair
and sin θ for the second. A rotation's transpose is the rotation back, by −θ: the cotangent is turned back by the same
angle. The product of two turned vectors depends on the difference of their positions alone, which is why queries and
keys are turned. (Su and others, 2021, arXiv:2104.09864.)
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating


class RotaryEmbedding(Layer):
    """Turns the pairs of features at step t by the angles `t base^(−2i / dim)`, i = 0, 1, … dim / 2 − 1.

    Input (…, T, dim), output of the same shape. A pair is features 2i and 2i + 1, as in the paper, or with
    `interleaved=False` features i and i + dim / 2, as in Llama's published weights. No parameters.
    """

    def __init__(self, dim: int, base: float = 10_000.0, *, interleaved: bool = True) -> None:
        self.dim, self.base, self.interleaved = as_size("RotaryEmbedding", "dim", dim, 2), float(base), interleaved
        if dim % 2 or not base > 0:
            raise ValueError(f"RotaryEmbedding: dim is {dim} and base {base}, but dim must be even and base positive")

    def __repr__(self) -> str:
        return f"RotaryEmbedding({self.dim}{'' if self.interleaved else ', interleaved=False'})"

    def forward(self, X: Array) -> tuple[Array, tuple[int, ...]]:
        """Return Y; the cache is the shape of X."""
        check_floating(self, X)
        if X.ndim < 2 or X.shape[-1] != self.dim:
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (…, T, {self.dim})")
        return self.turn(X), X.shape

    def backward(self, dY: Array, cache: tuple[int, ...]) -> tuple[Array, Arrays]:
        """Return dX; there are no parameters."""
        check_cotangent(self, dY, cache)
        return self.turn(dY, back=True), {}

    def turn(self, X: Array, *, back: bool = False) -> Array:
        """Return X, each pair of features turned by its angle, or turned back."""
        cos, sin = find_rotations(X.shape[-2], self.dim, self.base, X.real.dtype.str)
        Y = np.empty_like(X, order="C")
        (x, y), (first, second) = self._split(X), self._split(Y)
        sin = -sin if back else sin
        np.multiply(x, cos, out=first)
        first -= y * sin
        np.multiply(y, cos, out=second)
        second += x * sin
        return Y

    def _split(self, X: Array) -> tuple[Array, Array]:
        """The first and the second features of all pairs."""
        if self.interleaved:
            return X[..., 0::2], X[..., 1::2]
        return X[..., : self.dim // 2], X[..., self.dim // 2 :]


@lru_cache(maxsize=16)
def find_rotations(steps: int, dim: int, base: float, dtype: str) -> tuple[Array, Array]:
    """Return cosine and sine of all angles, (steps, dim / 2) each."""
    angles = np.arange(steps)[:, None] * base ** (-np.arange(0, dim, 2) / dim)
    cos, sin = np.cos(angles).astype(dtype), np.sin(angles).astype(dtype)
    cos.flags.writeable = sin.flags.writeable = False
    return cos, sin
