"""Rectified linear unit whose leak below zero is learned, one for each channel.

Indices
    s  sample      c  channel

Forward
    Y[s,c] = where(X[s,c] > 0, X[s,c], weight[c] * X[s,c])

Backward
    dX[s,c]    = dY[s,c] * where(X[s,c] > 0, 1, weight[c])
    dweight[c] = sum[s](dY[s,c] * where(X[s,c] > 0, 0, X[s,c]))

Why: each output depends on its own input alone, through one of two straight lines. The leak of a channel meets all
inputs of that channel that are not positive, each with slope x, so its gradient adds them up over the samples (and
over places, and over all channels where they share one leak). At x = 0 there is no derivative; the slope there is
taken as the leak, as in PyTorch. (He, Zhang, Ren and Sun, 2015, arXiv:1502.01852.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from chainrule.layers.base import Array, Arrays, Layer, as_size, check_cotangent, check_floating


class PReLU(Layer):
    """`Y = max(X, 0) + a N` with the negative part `N = min(X, 0)`.

    Parameter: weight a (num_parameters), all `init` at first: one for all channels, or one for each. Input (S, C, …),
    output of the same shape; with one parameter any shape.
    """

    parameter_names = ("weight",)

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: DTypeLike = np.float32) -> None:
        self.num_parameters = as_size("PReLU", "num_parameters", num_parameters, 1)
        self.weight: Array = np.full(num_parameters, init, dtype)

    def __repr__(self) -> str:
        return f"PReLU(num_parameters={self.num_parameters})"

    def forward(self, X: Array) -> tuple[Array, Array]:
        """Return Y; the cache is X."""
        check_floating(self, X)
        if self.num_parameters > 1 and (X.ndim < 2 or X.shape[1] != self.num_parameters):
            raise ValueError(f"{self!r}: X has shape {X.shape}, but must have shape (S, {self.num_parameters}, …)")
        zero = X.dtype.type(0)
        Y = np.minimum(X, zero) * self._leaks(X)
        Y += np.maximum(X, zero)
        return Y, X

    def backward(self, dY: Array, cache: Array) -> tuple[Array, Arrays]:
        """Return dX and the gradient of weight."""
        X = cache
        check_cotangent(self, dY, X.shape)
        dweight = dY * np.minimum(X, X.dtype.type(0))
        dX = dY * np.where(X.real > 0, dY.dtype.type(1), self._leaks(X))
        axes = None if self.num_parameters == 1 else (0, *range(2, X.ndim))
        return dX, {"weight": dweight.sum(axis=axes).reshape(self.num_parameters)}

    def _leaks(self, X: Array) -> Array:
        """The leaks, along the axis of channels."""
        return self.weight if self.num_parameters == 1 else self.weight.reshape(-1, *(1,) * (X.ndim - 2))
